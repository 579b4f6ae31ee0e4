use crate::telemetry::{
    collector::subscribe,
    trace::{SpanId, TraceId},
};
use ops_config::section::LogFormat;
use proptest::prelude::*;
use serde_json::Value;
use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tracing::{Event, Subscriber};
use tracing_subscriber::{layer::Context, Layer};

/// Writes each event as a line, at a fixed time and in a fixed trace.
struct Lines(LogFormat, Arc<Mutex<String>>);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _cx: Context<'_, S>) {
        let entry = super::LogEntry {
            timestamp: SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
            service: "shop \"1\"",
            trace: Some((TraceId::from(0xabc), SpanId::from(0xdef))),
            event,
        };
        entry.write(self.0, &mut self.1.lock().expect("not poisoned"));
    }
}

fn lines(format: LogFormat, log: impl FnOnce()) -> String {
    let text = Arc::new(Mutex::new(String::new()));
    let subscriber = subscribe(Lines(format, Arc::clone(&text)));
    log();
    drop(subscriber);
    let text = text.lock().expect("not poisoned");
    text.clone()
}

#[derive(Debug)]
struct Broken(&'static str, Option<Box<Broken>>);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Broken {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

#[test]
fn a_line_has_the_same_keys_in_the_same_places() {
    let error = Broken("no answer", Some(Box::new(Broken("connection refused", None))));
    let line = lines(LogFormat::Json, || {
        tracing::warn!(
            name: "call.failed",
            target: "shop::pay",
            error = &error as &(dyn Error + 'static),
            tries = 3u64,
            ratio = 0.5,
            missing = f64::NAN,
            last = false,
            big = u128::MAX,
            "the call {} failed",
            7
        );
    });
    assert_eq!(
        line,
        concat!(
            r#"{"timestamp":"2023-11-14T22:13:20.123Z","level":"WARN","service":"shop \"1\"","target":"shop::pay","#,
            r#""event":"call.failed","message":"the call 7 failed","trace_id":"00000000000000000000000000000abc","#,
            r#""span_id":"0000000000000def","fields":{"error":"no answer: connection refused","tries":3,"#,
            r#""ratio":0.5,"missing":"NaN","last":false,"big":"340282366920938463463374607431768211455"}}"#,
            "\n"
        )
    );
}

#[test]
fn people_get_one_line_too() {
    let line = lines(LogFormat::Pretty, || tracing::info!(target: "shop", user = "a b\u{1b}[31m", "one\ntwo"));
    assert_eq!(
        line,
        "2023-11-14T22:13:20.123Z INFO  shop: one two user=\"a b\\u{1b}[31m\" trace_id=00000000000000000000000000000abc\n"
    );
}

/// Any text, and often one of what JSON and terminals mind.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\u{0}-\u{a0}\"\\\\]{0,40}",
        prop::collection::vec(any::<char>(), 0..40).prop_map(String::from_iter)
    ]
}

proptest! {
    /// Whatever a client manages to get logged, the line is one JSON object that says just that.
    #[test]
    fn hostile_texts_stay_within_their_string(message in hostile(), field in hostile()) {
        let json = lines(LogFormat::Json, || tracing::info!(text = field.as_str(), debug = ?field, "{message}"));
        prop_assert_eq!(json.matches('\n').count(), 1);
        prop_assert!(!json.trim_end_matches('\n').chars().any(|c| c.is_ascii_control()));
        let value: Value = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(&value["message"], &Value::from(message.as_str()));
        prop_assert_eq!(&value["fields"]["text"], &Value::from(field.as_str()));
        prop_assert_eq!(&value["fields"]["debug"], &Value::from(format!("{field:?}")));
        let pretty = lines(LogFormat::Pretty, || tracing::info!(text = field.as_str(), "{message}"));
        prop_assert_eq!(pretty.chars().filter(|c| c.is_control()).count(), 1, "{}", pretty);
    }

    /// Numbers come back as they were.
    #[test]
    fn numbers_stay_exact(whole in any::<i64>(), count in any::<u64>(), real in any::<f64>()) {
        let json = lines(LogFormat::Json, || tracing::info!(whole, count, real));
        let value: Value = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(value["fields"]["whole"].as_i64(), Some(whole));
        prop_assert_eq!(value["fields"]["count"].as_u64(), Some(count));
        if real.is_finite() {
            prop_assert_eq!(value["fields"]["real"].as_f64(), Some(real));
        }
    }
}
