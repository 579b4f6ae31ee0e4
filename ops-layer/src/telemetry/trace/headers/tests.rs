//! The cases of the W3C validation suite, as far as one request shows them.

use super::{extract, inject};
use http::{HeaderMap, HeaderName, HeaderValue};

const GOOD: &str = "00-12345678901234567890123456789012-1234567890123456-00";

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header value"))
    };
    lines.iter().map(line).collect()
}

/// What is handed on of the caller's `tracestate`.
fn tracestate(values: &[&str]) -> Option<String> {
    let mut incoming = headers(&[("traceparent", GOOD)]);
    for value in values {
        incoming.append("tracestate", HeaderValue::from_str(value).expect("a header value"));
    }
    let context = extract(&incoming).expect("the traceparent is good whatever the tracestate is");
    let mut outgoing = HeaderMap::new();
    inject(&context, &mut outgoing);
    assert_eq!(outgoing["traceparent"], GOOD);
    outgoing.get("tracestate").map(|value| value.to_str().expect("text").to_owned())
}

#[test]
fn a_traceparent_is_taken_when_it_is_one() {
    let long = "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like";
    for value in [GOOD, " \t00-12345678901234567890123456789012-1234567890123456-01 \t", &long[..55], long] {
        let context = extract(&headers(&[("traceparent", value)])).expect(value);
        assert_eq!(context.trace_id().to_string(), "12345678901234567890123456789012");
    }
}

#[test]
fn anything_else_begins_a_new_trace() {
    for value in [
        "00-12345678901234567890123456789012-1234567890123456-01.",
        "00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
        "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like",
        "ff-12345678901234567890123456789012-1234567890123456-01",
        ".0-12345678901234567890123456789012-1234567890123456-01",
        "0-12345678901234567890123456789012-1234567890123456-01",
        "000-12345678901234567890123456789012-1234567890123456-01",
        "00-1234567890123456789012345678901.-1234567890123456-01",
        "00-123456789012345678901234567890123-1234567890123456-01",
        "00-1234567890123456789012345678901-1234567890123456-01",
        "00-12345678901234567890123456789012-123456789012345.-01",
        "00-12345678901234567890123456789012-12345678901234567-01",
        "00-12345678901234567890123456789012-1234567890123456-.0",
        "00-12345678901234567890123456789012-1234567890123456-001",
        "00-12345678901234567890123456789012-1234567890123456-1",
        "00-1234567890123456789012345678901A-1234567890123456-01",
        "",
    ] {
        assert_eq!(extract(&headers(&[("traceparent", value), ("tracestate", "foo=1")])), None, "{value}");
    }
    assert_eq!(extract(&headers(&[("tracestate", "foo=1")])), None);
    let twice = headers(&[("traceparent", GOOD), ("traceparent", GOOD)]);
    assert_eq!(extract(&twice), None, "two of them are as good as none");
}

#[test]
fn unknown_flags_are_cleared_and_the_random_flag_is_kept() {
    let context = extract(&headers(&[("traceparent", &format!("{}ff", &GOOD[..53]))])).expect("good");
    assert_eq!(context.to_string(), format!("{}03", &GOOD[..53]));
}

#[test]
fn a_tracestate_is_handed_on_whole() {
    let value: String = (' '..='~').filter(|c| *c != ',' && *c != '=').collect();
    let all = format!("abcdefghijklmnopqrstuvwxyz0123456789_-*/={value}");
    let vendor = format!("abcdefghijklmnopqrstuvwxyz0123456789_-*/@a-z0-9_-*/={value}");
    let longest = format!("{}=1", "z".repeat(256));
    let tenant = format!("{}@{}=1", "t".repeat(241), "v".repeat(14));
    let many: Vec<String> = (1..=32).map(|n| format!("bar{n:02}={n:02}")).collect();
    for (sent, kept) in [
        (vec!["foo=1,bar=2"], "foo=1,bar=2"),
        (vec!["foo=1,bar=2", "rojo=1,congo=2", "baz=3"], "foo=1,bar=2,rojo=1,congo=2,baz=3"),
        (vec!["foo=1", ""], "foo=1"),
        (vec!["", "foo=1"], "foo=1"),
        (vec!["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
        (vec!["\t foo=1 \t"], "foo=1"),
        (vec![&all], &all),
        (vec![&vendor], &vendor),
        (vec!["foo=1", &longest], &format!("foo=1,{longest}")),
        (vec!["foo=1", &tenant], &format!("foo=1,{tenant}")),
        (vec![&many.join(",")], &many.join(",")),
    ] {
        assert_eq!(tracestate(&sent).as_deref(), Some(kept), "{sent:?}");
    }
}

#[test]
fn a_tracestate_that_is_wrong_anywhere_is_dropped_whole() {
    let long = |key: &str| format!("foo=1,{key}=1");
    let many: Vec<String> = (1..=33).map(|n| format!("bar{n:02}={n:02}")).collect();
    for sent in [
        vec![""],
        vec!["foo=1,foo=1"],
        vec!["foo=1", "foo=2"],
        vec!["foo =1"],
        vec!["FOO=1"],
        vec!["foo.bar=1"],
        vec!["foo@=1,bar=2"],
        vec!["@foo=1,bar=2"],
        vec!["foo@@bar=1,bar=2"],
        vec!["foo@bar@baz=1,bar=2"],
        vec!["foo"],
        vec!["foo="],
        vec!["foo=a=b"],
        vec![&long(&"z".repeat(257))],
        vec![&long(&format!("{}@v", "t".repeat(242)))],
        vec![&long(&format!("t@{}", "v".repeat(15)))],
        vec![&format!("foo={}", "v".repeat(257))],
        vec![&many.join(",")],
    ] {
        assert_eq!(tracestate(&sent), None, "{sent:?}");
    }
}

#[test]
fn what_a_caller_left_in_the_headers_is_replaced() {
    let context = extract(&headers(&[("traceparent", GOOD)])).expect("good");
    let mut outgoing = headers(&[("traceparent", "x"), ("traceparent", "y"), ("tracestate", "old=1")]);
    inject(&context, &mut outgoing);
    assert_eq!(outgoing, headers(&[("traceparent", GOOD)]));
}
