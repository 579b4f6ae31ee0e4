//! No request notices a reload, good or bad.

use ops_tests::{
    load::Load,
    service::{Process, Service, QUIET, SOON},
    wait,
};
use std::{fs, net::TcpListener, time::Duration};

const RELOADS: usize = 1000;

/// After so many, everything that is made once has been made.
const WARM: usize = 100;

/// The growth that a thousand saves may leave, by the issue.
const MOST_GROWTH_KIB: u64 = 5 * 1024;

/// A configuration that differs from the one before in every part that is rebuilt.
fn good(n: usize) -> String {
    format!(
        "# {n}\n{QUIET}sampling_rate = 0.{n:04}\nlatency_buckets = [0.01, 1.{n}]\n\
         [limits]\nmax_in_flight = {}\nrequest_timeout = \"{}s\"\n\
         [breakers.b]\nroutes = [\"/fail\"]\nfailure_threshold = {}\n\
         [probes]\ninterval = \"{}s\"\n[probes.checks.p]\nkind = \"pool\"\npool = \"p\"\n\
         [pools.p]\nurl = \"sqlite::memory:\"\nmin_connections = 1\nmax_connections = {}\n",
        5000 + n,
        30 + n % 9,
        1 + n % 10,
        1 + n % 7,
        2 + n % 5,
    )
}

/// What one can do wrong, and how.
fn bad(n: usize, taken: &TcpListener) -> Vec<u8> {
    let good = good(n);
    let taken = taken.local_addr().expect("an address").to_string();
    let text = match n / 3 % 10 {
        0 => good.replace("[limits]", "[limits"),
        1 => good.replace("failure_threshold = ", "failure_threshold = true # "),
        2 => good.replace("failure_threshold", "failure_treshold"),
        3 => good.replace("sampling_rate = 0.", "sampling_rate = 7."),
        4 => good.replace("version = 1\n", ""),
        5 => String::new(),
        6 => return [good.as_bytes(), b"# \xff\xfe\n"].concat(),
        7 => good.replace("pool = \"p\"", "pool = \"q\""),
        8 => good.replace("[server]\nlisten = \"127.0.0.1:0\"", &format!("[server]\nlisten = \"{taken}\"")),
        _ => good.replace("sqlite::memory:", "no address of a database"),
    };
    assert_ne!(text, good, "way {} breaks it", n / 3 % 10);
    text.into_bytes()
}

fn save(service: &Service, n: usize, bytes: &[u8]) {
    let file = service.process.file();
    if n.is_multiple_of(2) {
        fs::write(file, bytes).expect("the file is written");
    } else {
        let beside = file.with_extension("new");
        fs::write(&beside, bytes).and_then(|()| fs::rename(beside, file)).expect("it takes the name");
    }
}

/// How many descriptors and threads a process has.
fn held(process: &Process) -> [usize; 2] {
    ["fd", "task"].map(|kind| fs::read_dir(format!("/proc/{}/{kind}", process.id())).map_or(0, Iterator::count))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_during_a_thousand_reloads() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let service = Service::start(&good(0)).await;
    let load = Load::start(service.server, 2, Duration::from_millis(2)).await;
    let mut generation = 1;
    let (mut at_first, mut resident) = ([0; 2], 0);
    for n in 1..=RELOADS {
        let is_bad = n.is_multiple_of(3);
        save(&service, n, &if is_bad { bad(n, &taken) } else { good(n).into_bytes() });
        let ended = service.reload().await;
        if is_bad {
            assert_eq!(ended["outcome"], "rejected", "way {}", n / 3 % 10);
        } else {
            // The event may have come before the request.
            assert!(ended["outcome"] == "applied" || ended["outcome"] == "unchanged", "{n}: {ended}");
            generation += 1;
        }
        if n == WARM {
            (at_first, resident) = (held(&service.process), service.process.resident().expect("the kernel says"));
        }
    }
    let config = service.config().await;
    assert_eq!(
        (&config["generation"], &config["value"]["limits"]["max_in_flight"]),
        (&generation.into(), &6000.into())
    );
    assert!(config["last_error"].is_null());

    wait::until("as few descriptors and threads as before", SOON * 2, || {
        let now = held(&service.process);
        // Two of each may be at work at any moment.
        std::future::ready((now[0] <= at_first[0] + 2 && now[1] <= at_first[1] + 2).then_some(()))
    })
    .await;
    let grown = service.process.resident().expect("the kernel says").saturating_sub(resident);
    let seen = load.end().await;
    println!(
        "{RELOADS} reloads: {} requests answered, the slowest in {:?}; {grown} KiB more, {at_first:?} then {:?}",
        seen.answered,
        seen.slowest,
        held(&service.process)
    );
    assert_eq!(seen.failed, [""; 0]);
    assert!(seen.answered > 1000, "{} requests are no load", seen.answered);
    assert!(grown <= MOST_GROWTH_KIB, "{grown} KiB more");
}
