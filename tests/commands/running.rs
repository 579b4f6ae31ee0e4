//! `ops diff --running` against a real process.

use crate::{
    peer::{Nobody, Stranger},
    run::{Folder, Ran},
};
use insta::assert_snapshot;
use ops_tests::service::{Service, QUIET};
use std::net::{SocketAddr, TcpListener};

/// The running service's file with its token, and room for what is edited.
fn guarded() -> String {
    QUIET.replace("[admin]\n", "[admin]\ntoken = \"of-the-running\"\n")
}

fn diff(folder: &Folder, address: SocketAddr, more: &[&str]) -> Ran {
    let url = format!("http://{address}");
    let ran = folder.ops(&[&["diff", "--running", &url, "ops.toml"], more].concat());
    ran.with(&address.to_string(), "ADDRESS")
}

/// The moment differs from run to run.
fn without_time(ran: Ran) -> Ran {
    let since = ran.out.split_once(" in force since ").and_then(|(_, rest)| rest.lines().next()).map(str::to_owned);
    let since = since.unwrap_or_else(|| panic!("no moment in {ran}"));
    ran.with(&since, "MOMENT")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_tells_what_a_save_would_do_before_it_is_saved() {
    let service = Service::start(QUIET).await;
    let folder = Folder::with(&format!("{QUIET}sampling_rate = 0.75\n[limits]\nmax_in_flight = 8\n"));
    assert_snapshot!(without_time(diff(&folder, service.admin, &[])));
    let value = diff(&folder, service.admin, &["--format", "json"]).json();
    assert_eq!(
        (&value["running"]["generation"], &value["differences"].as_array().map(Vec::len)),
        (&1.into(), &Some(2))
    );

    // And then it does that.
    service.save_by_rename(&folder.read("ops.toml"));
    service.config_once("the save", |config| config["generation"] == 2).await;
    let same = diff(&folder, service.admin, &["--exit-code"]);
    assert_eq!(same.code, Some(0), "{same}");
    assert!(
        same.out.contains("generation 2") && same.out.ends_with("no difference: a save would change nothing\n"),
        "{same}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environment_of_the_command_counts() {
    let service = Service::start(QUIET).await;
    let folder = Folder::with(QUIET);
    let url = format!("{}", service.admin);
    let ran = folder.ops_with(&["diff", "--running", &url], &[("OPS_LIMITS__MAX_IN_FLIGHT", "9")], "");
    assert!(ran.code == Some(0) && ran.out.contains("limits.max_in_flight  1024 -> 9"), "{ran}");
    let ran = folder.ops(&["diff", "--running", &url, "--set", "limits.mode=off", "--exit-code"]);
    assert!(ran.code == Some(1) && ran.out.contains("limits.mode  \"enforce\" -> \"off\""), "{ran}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_shown_from_a_file_or_is_that_of_the_configuration() {
    let service = Service::start(&guarded()).await;
    // The same token and port in the file at hand: nothing needs to be said.
    let folder = Folder::with(&guarded());
    let here = format!("admin.listen={}", service.admin);
    let own = diff(&folder, service.admin, &["--set", &here]);
    assert_eq!(own.code, Some(0), "{own}");
    assert!(own.out.ends_with("secrets written in place are not compared, only their masks are seen\n"), "{own}");

    // Another token at hand, and none.
    folder.write("ops.toml", &guarded().replace("of-the-running", "of-another"));
    let refused = diff(&folder, service.admin, &["--set", &here]);
    assert_eq!((refused.code, refused.err.as_str()), (Some(1), "error: http://ADDRESS does not take this token\n"));
    folder.write("ops.toml", QUIET);
    let asked = diff(&folder, service.admin, &["--set", &here]);
    assert_eq!(asked.code, Some(1));
    assert!(asked.err.contains("wants a token; name the file that holds it with --token-file"), "{asked}");

    folder.write("token", "of-the-running\n");
    let given = diff(&folder, service.admin, &["--token-file", "token"]);
    assert!(given.code == Some(0) && given.out.contains("- admin.token"), "{given}");
    let missing = diff(&folder, service.admin, &["--token-file", "none"]);
    assert!(missing.code == Some(1) && missing.err.starts_with("error: none cannot be read: "), "{missing}");
    for ran in [own, refused, asked, given, missing] {
        assert!(!ran.to_string().contains("of-the-running"), "{ran}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_does_not_check_says_what_would_be_rejected() {
    let service = Service::start(QUIET).await;
    let folder = Folder::with("version = 1\n[limits]\nmode = \"of\"\n");
    assert_snapshot!(diff(&folder, service.admin, &[]));
    // A process that has rejected its file says so as well.
    service.save_by_rename("version = 1\nlimit = 1\n");
    service.config_once("the fault", |config| !config["last_error"].is_null()).await;
    let folder = Folder::with(QUIET);
    let ran = diff(&folder, service.admin, &[]);
    assert!(ran.out.contains("it rejects its file as it is now: OPS101 unknown key `limit`"), "{ran}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_no_admin_listener_is_told_apart() {
    let service = Service::start(QUIET).await;
    let folder = Folder::with(QUIET);
    for address in [service.metrics, service.server] {
        let ran = diff(&folder, address, &[]);
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(ran.err.contains("is not the admin listener of a service with ops"), "{ran}");
    }
    let nobody = Nobody::new();
    let ran = diff(&folder, nobody.address(), &[]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.err.contains("no answer from http://ADDRESS: connection refused; is the service running"), "{ran}");
    for (url, said) in [
        ("https://127.0.0.1:1", "is encrypted"),
        ("ftp://x", "is not the address"),
        ("http://a:hunter2@c:1", "takes no user and password"),
        ("http://127.0.0.1", "is not the address"),
        ("http://127.0.0.1:99999", "is not the address"),
    ] {
        let ran = folder.ops(&["diff", "--running", url]);
        assert!(ran.code == Some(2) && ran.err.contains(said) && !ran.err.contains("hunter2"), "{ran}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_another_password_within_an_address_nothing_is_claimed() {
    let pool = |password: &str| format!("{QUIET}[pools.main]\nurl = \"sqlite://u:{password}@x?mode=memory\"\n");
    let service = Service::start(&pool("hunter2-old")).await;
    let folder = Folder::with(&pool("hunter2-new"));
    let ran = diff(&folder, service.admin, &[]);
    assert!(ran.code == Some(0) && !ran.out.contains("change nothing"), "{ran}");
    let said = "no difference that is seen; secrets written in place are not compared, only their masks are seen\n";
    assert!(ran.out.ends_with(said), "{ran}");
    let value = diff(&folder, service.admin, &["--format", "json"]).json();
    assert_eq!(value["secrets_not_compared"], true, "{value}");
}

#[test]
fn a_stranger_is_shown_no_token_of_the_configuration() {
    // On the port of `admin.listen`, but asking otherwise; and asking as we do, on another port.
    for (challenge, is_own_port) in [("Bearer", true), ("Basic realm=\"ops\"", true), ("Bearer realm=\"ops\"", false)] {
        let stranger = Stranger::asking(challenge);
        let port = if is_own_port { stranger.address.port() } else { 0 };
        let ran =
            diff(&Folder::with(&guarded()), stranger.address, &["--set", &format!("admin.listen=127.0.0.1:{port}")]);
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(ran.err.contains("wants a token; name the file that holds it with --token-file"), "{ran}");
        let heard = stranger.heard();
        assert!(heard.len() == 1 && !heard[0].contains("of-the-running"), "{heard:?}");
    }
}

#[test]
fn whoever_takes_the_connection_and_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("its address");
    let ran = diff(&Folder::with(QUIET), address, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), "error: no whole answer from http://ADDRESS within 5s\n"));
}
