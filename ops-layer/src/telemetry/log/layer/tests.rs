use super::{super::LogEntry, notice, LogSettings, Logs};
use crate::telemetry::{
    collector::{config, subscribe},
    output::Output,
};
use serde_json::Value;
use std::time::Duration;
use tracing_subscriber::Layer as _;

fn settings(logging: &str) -> LogSettings {
    LogSettings::new(&config(&format!("logging = {{ {logging} }}")).logging, "shop")
}

fn written(output: &Output, logs: &Logs) -> String {
    assert!(logs.flush(Duration::from_secs(10)));
    output.take()
}

#[test]
fn a_reload_changes_what_is_logged_and_how_from_the_next_line_on() {
    let output = Output::default();
    let logs = Logs::new(settings("level = \"warn\""), output.clone(), false);
    let say = || {
        tracing::warn!(target: "shop::pay", "warned");
        tracing::debug!(target: "shop::pay", "detail");
        tracing::debug!(target: "shop::cart", "other");
    };
    let _subscriber = subscribe(logs.layer());
    say();
    let line: Value = serde_json::from_str(&written(&output, &logs)).expect("one line of JSON");
    assert_eq!((line["message"].as_str(), line["level"].as_str()), (Some("warned"), Some("WARN")));
    assert_eq!((line["service"].as_str(), line["target"].as_str()), (Some("shop"), Some("shop::pay")));
    assert!(line.get("trace_id").is_none(), "it belongs to no request");

    logs.set(settings("level = \"error,shop::pay=debug\", format = \"pretty\""));
    say();
    let text = written(&output, &logs);
    let ends: Vec<&str> = text.lines().map(|line| &line[line.rfind(':').expect("a message")..]).collect();
    assert_eq!(ends, [": warned", ": detail"]);

    logs.set(settings("level = \"off\""));
    say();
    assert_eq!(written(&output, &logs), "");
}

#[test]
fn a_thread_whose_desk_is_in_use_works_at_another() {
    let logs = Logs::new(settings("level = \"info\""), Output::default(), false);
    let settings = &logs.settings;
    let nested = settings.with_desk(|outer| settings.with_desk(|inner| !std::ptr::eq(outer, inner)));
    assert!(nested, "a value that logs while it is logged must not be written into the outer line");
}

#[test]
fn two_logs_of_a_process_keep_to_their_own_settings() {
    let (json, pretty) = (Output::default(), Output::default());
    let one = Logs::new(settings("format = \"json\""), json.clone(), false);
    let other = Logs::new(settings("format = \"pretty\""), pretty.clone(), false);
    let _subscriber = subscribe(one.layer().and_then(other.layer()));
    for _ in 0..3 {
        tracing::info!(target: "shop", "said");
    }
    assert!(written(&json, &one).lines().all(|line| line.parse::<LogEntry>().is_ok()));
    assert!(written(&pretty, &other).lines().all(|line| line.ends_with("INFO  shop: said")));
}

#[test]
fn what_was_lost_is_said_in_the_form_of_the_log_where_warnings_are_logged() {
    let notice = |logging| notice::write(&settings(logging), std::time::SystemTime::UNIX_EPOCH, 7);
    let entry: LogEntry = notice("level = \"info\"").trim_end().parse().expect("a line");
    assert_eq!((entry.event.as_deref(), &entry.fields["lines"]), (Some("log.lines_dropped"), &7.into()));
    assert!(notice("format = \"pretty\"").ends_with("nobody took them in time lines=7\n"));
    assert_eq!(notice("level = \"error\""), "");
}
