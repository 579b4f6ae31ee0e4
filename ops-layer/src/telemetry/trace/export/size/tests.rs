use super::{cut, estimate, LONGEST};
use crate::telemetry::trace::export::exporter::tests::span;
use opentelemetry::{
    trace::{Event, Status},
    Array, KeyValue, StringValue, Value,
};
use std::time::SystemTime;

#[test]
fn every_text_of_a_span_is_cut_between_characters_and_what_is_short_stays() {
    let long = "ü".repeat(LONGEST);
    let texts = Value::Array(Array::String(vec![StringValue::from(long.clone()), "b".into()]));
    let attributes = vec![KeyValue::new("a", format!("a{long}")), KeyValue::new("texts", texts)];
    let mut span = span();
    span.name = long.clone().into();
    span.status = Status::error(long.clone());
    span.attributes.clone_from(&attributes);
    span.events.events = vec![Event::new(long, SystemTime::UNIX_EPOCH, attributes, 0)];
    let before = estimate(&span);
    assert!(before > 12 * LONGEST, "{before}");
    cut(&mut span);
    let cut_text = "ü".repeat(LONGEST / 2);
    assert_eq!((span.name.as_ref(), &span.status), (cut_text.as_str(), &Status::error(cut_text.clone())));
    assert_eq!(span.events.events[0].name, cut_text);
    for attributes in [&span.attributes, &span.events.events[0].attributes] {
        assert_eq!(attributes[0].value.as_str().len(), LONGEST - 1);
        let Value::Array(Array::String(texts)) = &attributes[1].value else { panic!("{attributes:?}") };
        assert_eq!((texts[0].as_str(), texts[1].as_str()), (cut_text.as_str(), "b"));
    }
    let after = estimate(&span);
    assert!(after < 7 * LONGEST, "{after}");
}
