use super::{
    desk::{Desk, Moment},
    line::LONGEST,
    LogEntry, LogSettings,
};
use crate::telemetry::{
    collector::{config, subscribe},
    trace::{SpanId, TraceId},
};
use ops_config::value::MASK;
use proptest::prelude::*;
use serde_json::Value;
use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tracing::{field::Empty, Event, Subscriber};
use tracing_subscriber::{layer::Context, Layer};

/// Writes each event as a line, at a fixed time and in a fixed trace.
struct Lines(Mutex<Desk>, Arc<Mutex<String>>);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _cx: Context<'_, S>) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        let moment = Moment { time, ids: Some((TraceId::from(0xabc), SpanId::from(0xdef))) };
        let mut desk = self.0.lock().expect("not poisoned");
        if let Some(line) = desk.line(moment, event) {
            self.1.lock().expect("not poisoned").push_str(line);
        }
    }
}

/// The lines that are written by a `[observability.logging]` with these keys.
fn lines(logging: &str, log: impl FnOnce()) -> String {
    let logging = config(&format!("logging = {{ level = \"trace\", {logging} }}")).logging;
    let settings = Arc::new(LogSettings::new(&logging, "shop \"1\""));
    let mut desk = Desk::default();
    desk.follow(1, logging.format == ops_config::section::LogFormat::Pretty && COLOURED.get(), || settings);
    let text = Arc::new(Mutex::new(String::new()));
    let subscriber = subscribe(Lines(Mutex::new(desk), Arc::clone(&text)));
    log();
    drop(subscriber);
    let text = text.lock().expect("not poisoned");
    text.clone()
}

thread_local! {
    static COLOURED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

const JSON: &str = "format = \"json\"";
const PRETTY: &str = "format = \"pretty\"";

/// The one line of JSON, as it must be: an object that says again what it said.
fn entry(line: &str) -> LogEntry {
    assert_eq!(line.matches('\n').count(), 1, "one line: {line:?}");
    assert!(line.len() <= LONGEST, "{} bytes", line.len());
    let line = line.strip_suffix('\n').expect("its line break comes last");
    let entry: LogEntry = line.parse().unwrap_or_else(|error| panic!("{error:?}: {line}"));
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let (said, again) = (read(line), read(&entry.to_string()));
    assert_eq!((&said, keys(&said)), (&again, keys(&again)), "the same keys in the same places");
    entry
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
    let line = lines(JSON, || {
        tracing::warn!(
            name: "call.failed",
            target: "shop::pay",
            error = &error as &(dyn Error + 'static),
            tries = 3u64,
            ratio = 0.5,
            missing = f64::NAN,
            last = 12_u128,
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
            r#""ratio":0.5,"missing":"NaN","last":12,"big":"340282366920938463463374607431768211455"}}"#,
            "\n"
        )
    );
    entry(&line);
}

#[test]
fn people_get_one_line_too() {
    let say = || tracing::info!(target: "shop", user = "a b\u{1b}[31m", password = 5, "one\ntwo");
    let trace = "trace_id=00000000000000000000000000000abc";
    assert_eq!(
        lines(PRETTY, say),
        format!("2023-11-14T22:13:20.123Z INFO  shop: one two user=\"a b\\u{{1b}}[31m\" password={MASK} {trace}\n")
    );
    COLOURED.set(true);
    let coloured = lines(PRETTY, say);
    COLOURED.set(false);
    let start = "\u{1b}[2m2023-11-14T22:13:20.123Z\u{1b}[0m \u{1b}[32mINFO \u{1b}[0m \u{1b}[2mshop\u{1b}[0m: one two ";
    assert!(coloured.starts_with(start), "{coloured:?}");
}

#[test]
fn a_message_is_found_wherever_it_stands_and_may_be_missing() {
    for (line, message, fields) in [
        (lines(JSON, || tracing::info!(a = 1, message = "late", b = 2)), "late", r#"{"a":1,"b":2}"#),
        (lines(JSON, || tracing::info!(a = 1)), "", r#"{"a":1}"#),
        (lines(JSON, || tracing::info!(a = Empty)), "", "{}"),
        (lines(JSON, || tracing::info!(message = 5)), "5", "{}"),
        (lines(&format!("{JSON}, redact = [\"message\"]"), || tracing::info!("mine")), MASK, "{}"),
        (lines(JSON, || tracing::info!(message = None::<&str>, a = 1)), "", r#"{"a":1}"#),
        (lines(JSON, || tracing::info!("{}", "")), "", "{}"),
    ] {
        let entry = entry(&line);
        assert_eq!(
            (entry.message.as_str(), Value::from(entry.fields).to_string().as_str()),
            (message, fields),
            "{line}"
        );
        assert_eq!(entry.trace_id, Some(TraceId::from(0xabc)));
    }
}

#[test]
fn names_that_repeat_or_are_ours_are_no_trouble() {
    let line = lines(JSON, || {
        tracing::info!(level = "mine", trace_id = 1, r#type = "t", b = true, b = Empty, a = 1, a = "again", "said");
    });
    assert_eq!(line.matches("\"a\":").count(), 1, "readers differ on a name that comes twice: {line}");
    let entry = entry(&line);
    assert_eq!((entry.level, entry.message.as_str()), (tracing::Level::INFO, "said"));
    let fields = r#"{"level":"mine","trace_id":1,"type":"t","b":true,"a":"again"}"#;
    assert_eq!(Value::from(entry.fields).to_string(), fields);
}

/// Feature: production-excellence, Property 25: no value under the name of a secret is logged.
#[test]
fn a_value_under_a_secrets_name_is_masked_whatever_it_is() {
    let error = Broken("hunter2", None);
    let say = || {
        tracing::error!(
            password = "hunter2",
            db_password = ?Some("hunter2"),
            api_key = %"hunter2",
            session_id = 77_777_u64,
            accessToken = 77_777.5,
            secret = true,
            "http.request.header.authorization" = "hunter2",
            cookie = i128::from(77_777),
            credentials = &error as &(dyn Error + 'static),
            card_number = "hunter2",
            Email = "hunter2",
            token_count = 3,
            "said"
        );
    };
    for format in [JSON, PRETTY] {
        let line = lines(&format!("{format}, redact = [\"Card_Number\", \"email\"]"), say);
        assert!(!line.contains("hunter2") && !line.contains("77777") && !line.contains("true"), "{line}");
        assert_eq!(line.matches(MASK).count(), 11, "{line}");
        assert!(line.contains("token_count"));
    }
    assert!(lines(JSON, say).contains(r#""card_number":"hunter2""#), "the list is the operator's");
}

/// A value that never ends.
struct Endless;

impl fmt::Debug for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        loop {
            f.write_str("again \"and\" again ")?;
        }
    }
}

#[test]
fn a_line_is_cut_at_its_bound_and_says_so() {
    let huge = "é".repeat(LONGEST);
    let cases: [&dyn Fn(); 5] = [
        &|| tracing::info!(first = 1, huge = ?Endless, last = 2, "said"),
        &|| tracing::info!(first = 1, huge = huge.as_str(), last = 2, "said"),
        &|| tracing::info!(first = 1, huge = ?huge, "said"),
        &|| tracing::info!(first = 1, "{huge}"),
        &|| tracing::info!(first = 1, "{:?}", Endless),
    ];
    for say in cases {
        let line = lines(JSON, say);
        let entry = entry(&line);
        assert!(entry.truncated && line.contains('…') && entry.span_id.is_some(), "{line}");
        assert!(line.len() > LONGEST / 2, "{}", line.len());
        let pretty = lines(PRETTY, say);
        assert!(pretty.len() <= LONGEST && pretty.ends_with("00abc (truncated)\n"), "{pretty}");
    }
    assert!(!entry(&lines(JSON, || tracing::info!("said"))).truncated);
}

/// Any text, and often one of what JSON and terminals mind.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\u{0}-\u{a0}\"\\\\]{0,40}",
        prop::collection::vec(any::<char>(), 0..40).prop_map(String::from_iter),
        (any::<char>(), 0usize..2 * LONGEST).prop_map(|(c, times)| std::iter::repeat_n(c, times).collect()),
    ]
}

proptest! {
    /// Whatever a client manages to get logged, the line is one JSON object that says just that.
    #[test]
    fn hostile_texts_stay_within_their_string(message in hostile(), field in hostile()) {
        let json = lines(JSON, || tracing::info!(text = field.as_str(), debug = ?field, "{message}"));
        prop_assert!(!json.trim_end_matches('\n').chars().any(|c| c.is_ascii_control()));
        let entry = entry(&json);
        if entry.truncated {
            let said = entry.message.trim_end_matches('…');
            prop_assert!(message.starts_with(said) || entry.message == message);
        } else {
            prop_assert_eq!(&entry.message, &message);
            prop_assert_eq!(&entry.fields["text"], &Value::from(field.as_str()));
            prop_assert_eq!(&entry.fields["debug"], &Value::from(format!("{field:?}")));
        }
        let pretty = lines(PRETTY, || tracing::info!(text = field.as_str(), "{message}"));
        prop_assert_eq!(pretty.chars().filter(|c| c.is_control()).count(), 1, "{}", pretty);
    }

    /// Numbers come back as they were.
    #[test]
    fn numbers_stay_exact(whole in any::<i64>(), count in any::<u64>(), real in any::<f64>()) {
        let json = lines(JSON, || tracing::info!(whole, count, real));
        let entry = entry(&json);
        prop_assert_eq!(entry.fields["whole"].as_i64(), Some(whole));
        prop_assert_eq!(entry.fields["count"].as_u64(), Some(count));
        if real.is_finite() {
            prop_assert_eq!(entry.fields["real"].as_f64(), Some(real));
        }
    }

    /// Feature: production-excellence, Property 7: an entry that is written and read again is the same.
    #[test]
    fn an_entry_reads_back(
        millis in 0u64..253_402_300_799_000,
        texts in prop::collection::vec(any::<String>(), 4),
        event in prop::option::of("[a-z.]{1,9}"),
        ids in prop::option::of((any::<u128>(), any::<u64>())),
        truncated in any::<bool>(),
    ) {
        let [service, target, message, field] = &texts[..] else { unreachable!("four") };
        let entry = LogEntry {
            timestamp: SystemTime::UNIX_EPOCH + Duration::from_millis(millis),
            level: tracing::Level::DEBUG,
            service: service.clone(),
            target: target.clone(),
            event,
            message: message.clone(),
            trace_id: ids.map(|(trace, _)| TraceId::from(trace)),
            span_id: ids.map(|(_, span)| SpanId::from(span)),
            fields: serde_json::Map::from_iter([(field.clone(), Value::from(millis))]),
            truncated,
        };
        prop_assert_eq!(&entry.to_string().parse::<LogEntry>().expect("a line"), &entry);
    }
}

#[test]
fn what_is_no_line_is_refused() {
    let good = entry(&lines(JSON, || tracing::info!("said"))).to_string();
    for (from, to) in [("INFO", "LOUD"), ("2023", "MMXXIII"), ("0def", "def"), ("service", "servant"), ("{", "")] {
        assert!(good.replacen(from, to, 1).parse::<LogEntry>().is_err(), "{to}");
    }
}
