use super::{LogSettings, Logs};
use crate::telemetry::collector::{config, subscribe};
use serde_json::Value;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn settings(logging: &str) -> LogSettings {
    LogSettings::new(&config(&format!("logging = {{ {logging} }}")).logging, "shop")
}

impl Output {
    fn text(&self, logs: &Logs) -> String {
        assert!(logs.flush(Duration::from_secs(10)));
        String::from_utf8(std::mem::take(&mut *self.0.lock().expect("not poisoned"))).expect("UTF-8")
    }
}

#[test]
fn a_reload_changes_what_is_logged_and_how_from_the_next_line_on() {
    let output = Output::default();
    let logs = Logs::new(settings("level = \"warn\""), output.clone());
    let say = || {
        tracing::warn!(target: "shop::pay", "warned");
        tracing::debug!(target: "shop::pay", "detail");
        tracing::debug!(target: "shop::cart", "other");
    };
    let _subscriber = subscribe(logs.layer());
    say();
    let line: Value = serde_json::from_str(&output.text(&logs)).expect("one line of JSON");
    assert_eq!((line["message"].as_str(), line["level"].as_str()), (Some("warned"), Some("WARN")));
    assert_eq!((line["service"].as_str(), line["target"].as_str()), (Some("shop"), Some("shop::pay")));
    assert!(line.get("trace_id").is_none(), "it belongs to no request");

    logs.set(settings("level = \"error,shop::pay=debug\", format = \"pretty\""));
    say();
    let text = output.text(&logs);
    let ends: Vec<&str> = text.lines().map(|line| &line[line.rfind(':').expect("a message")..]).collect();
    assert_eq!(ends, [": warned", ": detail"]);

    logs.set(settings("level = \"off\""));
    say();
    assert_eq!(output.text(&logs), "");
}
