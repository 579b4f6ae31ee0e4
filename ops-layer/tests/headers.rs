//! Trace headers of any kind, judged by the oracle that fuzzing has too.

#[path = "oracle/headers.rs"]
mod oracle;

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

/// A `traceparent`: right, right in a later version, nearly right, or anything.
fn traceparent() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
        2 => "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{0,20})?",
        1 => "[ \t]{0,2}[0-9a-fA-F.]{1,3}-[0-9a-f]{31,33}-[0-9a-g]{15,17}-[0-9a-f.]{1,3}[-.]?[ \t]{0,2}",
        1 => "(00|ff)-(0{32}|1{32})-(0{16}|1{16})-01",
        1 => "[ -~]{0,80}",
    ]
}

/// A `tracestate`: right, long, nearly right, or anything.
fn tracestate() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        6 => "[a-e0-9][a-c_*/-]{0,4}(@[a-z][a-z0-9]{0,3})?=[!-+.-<>-~]{1,4}",
        1 => "[a-z]{255,257}=1",
        1 => "[a-z]{240,242}@[a-z]{13,15}=1",
        1 => "[a-z]=[a-z ]{255,257}",
        1 => "[ \t]{0,2}",
        1 => "[a-c@]{1,4}=[ -~]{0,3}",
    ];
    prop_oneof![
        6 => (prop::collection::vec(member, 0..5), "[ \t]{0,2},[ \t]{0,2}").prop_map(|(list, comma)| list.join(&comma)),
        1 => (30usize..35).prop_map(|count| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",")),
        1 => "[ -~]{0,60}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Feature: production-excellence, Property 8: what trace headers say is read, printed and read again alike.
    #[test]
    fn trace_headers_are_read_by_the_grammar_and_handed_on_whole(
        parents in prop_oneof![
            9 => prop::collection::vec(traceparent(), 1),
            1 => prop::collection::vec(traceparent(), 0..3),
        ],
        states in prop::collection::vec(tracestate(), 0..4),
    ) {
        let mut headers = HeaderMap::new();
        for (name, values) in [("traceparent", parents), ("tracestate", states)] {
            for value in values {
                headers.append(HeaderName::from_static(name), HeaderValue::from_str(&value).expect("no control characters"));
            }
        }
        oracle::check(&headers);
    }
}
