//! The units in `config/systemd` ask for nothing that the program does not do.

use ops_tests::program;
use std::{collections::BTreeMap, fs, path::Path, process::Command};

type Unit = BTreeMap<String, String>;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/systemd")
}

/// `Section.Directive` and its value; each is there once.
fn unit(name: &str) -> Unit {
    let text = fs::read_to_string(folder().join(name)).expect("a unit");
    let (mut unit, mut section) = (Unit::new(), String::new());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(named) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            named.clone_into(&mut section);
        } else {
            let (directive, value) = line.split_once('=').unwrap_or_else(|| panic!("{name}: {line}"));
            let before = unit.insert(format!("{section}.{directive}"), value.to_owned());
            assert_eq!(before, None, "{name}: {line}");
        }
    }
    unit
}

#[test]
fn the_service_is_run_as_it_lets_itself_be_run() {
    let service = unit("ops.service");
    let is = |directive: &str, value: &str| assert_eq!(service[directive], value, "{directive}");
    // What the tests of `systemd` show: it says when it is ready and that it reloads, on its own socket.
    is("Service.Type", "notify-reload");
    is("Service.NotifyAccess", "main");
    is("Service.KillSignal", "SIGTERM");
    assert!(service.contains_key("Service.WatchdogSec"));
    // It exits with 1 where requests were cut, and systemd shall not take that for a crash loop.
    is("Service.Restart", "on-failure");
    // The words it is started with are words it knows.
    let words: Vec<_> = service["Service.ExecStart"].split_whitespace().skip(1).collect();
    let asked = program::command().args(&words).arg("--help").output().expect("the program runs");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    // Longer than what a shutdown takes by default.
    let default = program::command().args(["explain", "shutdown.timeout"]).output().expect("the program runs");
    assert!(String::from_utf8_lossy(&default.stdout).contains("30s") && service["Service.TimeoutStopSec"] == "35s");
}

#[test]
fn the_socket_is_the_one_that_the_sample_listens_on() {
    let socket = unit("ops.socket");
    let sample = fs::read_to_string(folder().join("../ops.toml")).expect("the sample");
    assert!(sample.contains(&format!("listen = \"{}\"", socket["Socket.ListenStream"])), "{socket:?}");
    assert_eq!(socket["Socket.FileDescriptorName"], "server");
    assert_eq!(socket["Socket.Service"], "ops.service");
    // One socket for all connections: a process for each is not what the program is.
    assert!(!socket.contains_key("Socket.Accept"));
}

#[test]
fn systemd_itself_has_nothing_to_say_about_them() {
    let Some(analyze) = ops_tests::outside::found("systemd-analyze") else { return };
    let files = ["ops.service", "ops.socket"];
    // Of the program, only that it is not installed here; and one before 253 does not know how it is started.
    let said = Command::new(analyze).arg("verify").args(files).current_dir(folder()).output().expect("it runs");
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let about_us: Vec<_> = said
        .lines()
        .filter(|line| files.iter().any(|file| line.contains(file)) && !line.contains("is not executable"))
        .filter(|line| !line.ends_with("ignoring: notify-reload"))
        .collect();
    assert_eq!(about_us, [""; 0], "{said}");
}
