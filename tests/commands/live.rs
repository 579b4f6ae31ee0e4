//! `ops check --live`: what opens, what does not, and that nothing is left behind.

use crate::{
    peer::{Nobody, Stranger},
    run::Folder,
};
use insta::assert_snapshot;
use ops_tests::service::{Service, QUIET};
use std::net::TcpListener;

#[test]
fn what_a_start_would_open_opens_and_nothing_is_left() {
    let collector = TcpListener::bind("127.0.0.1:0").expect("a port");
    let peer = collector.local_addr().expect("its address");
    let text = format!(
        "{QUIET}otlp_endpoint = \"http://{peer}\"\n[pools.main]\nurl = \"sqlite::memory:\"\n\
         [probes.checks.main]\nkind = \"pool\"\npool = \"main\"\n\
         [probes.checks.peer]\nkind = \"tcp\"\naddress = \"{peer}\"\n\
         [probes.checks.disk]\nkind = \"disk\"\npath = \".\"\nmin_free = \"1KiB\"\n\
         [probes.checks.memory]\nkind = \"memory\"\nmin_available = \"1KiB\"\n"
    );
    let folder = Folder::with(&text);
    let answer = folder.ops(&["check", "--live"]).good();
    assert!(answer.starts_with("ops.toml: valid, sha256 "), "{answer}");
    assert_eq!(answer, folder.ops(&["check"]).good(), "the answer is the same, only surer");
    let files = std::fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(files, 1, "nothing was written");
}

#[test]
fn all_that_does_not_open_is_told_at_once_with_its_place() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().map(|address| (taken, address)).expect("its address");
    let held = [Nobody::new(), Nobody::new(), Nobody::new()];
    let [away, gone, off] = held.each_ref().map(|nobody| nobody.address().to_string());
    let text = format!(
        "version = 1\n[observability]\nmetrics_port = 0\notlp_endpoint = \"http://{away}\"\n\
         [server]\nlisten = \"{}\"\n[admin]\nlisten = \"127.0.0.1:0\"\n\
         [pools.main]\nurl = \"sqlite:missing.db\"\n\
         [probes.checks.main]\nkind = \"pool\"\npool = \"main\"\n\
         [probes.checks.cache]\nkind = \"tcp\"\naddress = \"{gone}\"\ncritical = false\n\
         [probes.checks.payments]\nkind = \"http\"\nurl = \"http://{off}/health\"\n",
        taken.1
    );
    let folder = Folder::with(&text);
    let mut ran = folder.ops(&["check", "--live"]);
    for (what, shown) in [(taken.1.to_string(), "TAKEN"), (away, "AWAY"), (gone, "GONE"), (off, "OFF")] {
        // As long as an address, so that the marks stay under it.
        ran = ran.with(&what, &format!("{shown:~<width$}", width = what.len()));
    }
    let codes = ["OPS301", "OPS302", "OPS306", "OPS307"];
    assert!(codes.iter().all(|code| ran.out.contains(code)), "{ran}");
    assert_eq!(ran.out.matches("error[").count(), 5, "a pool that does not open is told once: {ran}");
    assert!(!folder.file("missing.db").exists(), "nothing was made");
    // Ports have four or five digits, and the marks under them as many.
    let marks = |line: &str| line.trim_start_matches([' ', '|']).starts_with('^');
    let steady: Vec<String> = ran.out.lines().filter(|line| !marks(line)).map(|line| line.replace('~', "")).collect();
    assert_snapshot!(steady.join("\n"));
    let value = folder.ops(&["check", "--live", "--format", "json"]).json();
    let violations = value["files"][0]["report"]["violations"].as_array().expect("a list").clone();
    assert!(violations.iter().all(|fault| fault["line"].is_u64() && fault["key"].is_string()), "{value}");
}

#[test]
fn a_database_that_a_start_would_make_is_not_made() {
    let folder = Folder::with("");
    let pool = |file: &str| {
        folder.write("ops.toml", &format!("{QUIET}[pools.main]\nurl = \"sqlite:{file}?mode=rwc\"\n"));
        folder.ops(&["check", "--live"])
    };
    let made = pool("made.db");
    assert!(made.code == Some(0) && !folder.file("made.db").exists(), "{made}");
    let nowhere = pool("no/such/folder/made.db");
    assert!(nowhere.code == Some(1) && nowhere.out.contains("error[OPS302]"), "{nowhere}");
    assert!(nowhere.out.contains("a folder to write to") && nowhere.out.contains("ops.toml:"), "{nowhere}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing was written");
}

#[test]
fn a_pool_whose_address_stands_elsewhere_is_told_where_that_is_said() {
    let ran = Folder::with(&format!("{QUIET}[pools.main]\nurl = {{ env = \"MAIN_DB\" }}\n"));
    let ran = ran.ops_with(&["check", "--live"], &[("MAIN_DB", "sqlite:missing.db")], "");
    let place = format!("--> ops.toml:{}:", QUIET.lines().count() + 2);
    assert!(ran.out.contains("error[OPS302]") && ran.out.contains(&place), "{ran}");
}

#[test]
fn what_does_not_check_is_not_opened() {
    let ran = Folder::with("version = 1\n[server]\nlisten = \"127.0.0.1:0\"\nlimit = 1\n").ops(&["check", "--live"]);
    assert!(ran.code == Some(1) && ran.out.contains("OPS101") && !ran.out.contains("OPS3"), "{ran}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_the_running_service_it_is_said_who_holds_the_address() {
    let service = Service::start(QUIET).await;
    let held = QUIET.replace("[admin]\nlisten = \"127.0.0.1:0\"", &format!("[admin]\nlisten = \"{}\"", service.admin));
    let ran = Folder::with(&held).ops(&["check", "--live"]).with(&service.admin.to_string(), "ADDRESS");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.out.contains("OPS301") && ran.out.contains("`admin.listen`"), "{ran}");
    let said = "help: a service with ops is running there, generation 1; `ops diff --running http://ADDRESS` tells what a save would do to it";
    assert!(ran.out.contains(said), "{ran}");
    assert!(service.get("/ok").await.is_ok_and(|answer| answer.status.is_success()), "and it goes on");
}

#[test]
fn whoever_holds_the_address_is_shown_no_token() {
    for (challenge, is_ours) in [("Bearer realm=\"ops\"", true), ("Bearer", false), ("Basic", false)] {
        let stranger = Stranger::asking(challenge);
        let listen = format!("[admin]\ntoken = \"hunter2-hunter2\"\nlisten = \"{}\"", stranger.address);
        let ran = Folder::with(&QUIET.replace("[admin]\nlisten = \"127.0.0.1:0\"", &listen)).ops(&["check", "--live"]);
        assert!(ran.code == Some(1) && ran.out.contains("OPS301"), "{ran}");
        assert_eq!(ran.out.contains("may be running there, which wants a token"), is_ours, "{ran}");
        let heard = stranger.heard();
        assert!(heard.len() == 1 && !heard[0].contains("hunter2"), "{heard:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_this_machine_has_not_is_held_by_nobody() {
    let service = Service::start(QUIET).await;
    // TEST-NET-3 is nobody's.
    let text = QUIET
        .replace("[admin]\nlisten = \"127.0.0.1:0\"", &format!("[admin]\nlisten = \"{}\"", service.admin))
        .replace("[server]\nlisten = \"127.0.0.1:0\"", "[server]\nlisten = \"203.0.113.1:8080\"");
    let ran = Folder::with(&text).ops(&["check", "--live"]);
    assert!(ran.out.contains("help: name an address that this machine has"), "{ran}");
    assert!(ran.out.contains("help: a service with ops is running there"), "{ran}");
}
