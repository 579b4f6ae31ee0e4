use super::{MalformedTraceparent, TraceContext};
use opentelemetry::trace::{SpanId, TraceId};
use proptest::prelude::*;

fn context(trace: u128, span: u64, flags: u8) -> TraceContext {
    TraceContext::new(TraceId::from(trace), SpanId::from(span), flags)
}

proptest! {
    /// Feature: production-excellence, Property 8: printing a traceparent and parsing it gives the same.
    #[test]
    fn a_traceparent_survives_print_and_parse(trace in 1u128.., span in 1u64.., flags in 0u8..) {
        let context = context(trace, span, flags);
        let text = context.to_string();
        prop_assert_eq!(text.as_bytes(), context.traceparent());
        let parsed: TraceContext = text.parse().expect("what was printed");
        prop_assert_eq!(&parsed, &context);
        prop_assert_eq!(parsed.to_string(), text);
    }

    /// Feature: production-excellence, Property 8: parse and print is stable on any text that parses.
    #[test]
    fn whatever_parses_is_printed_in_version_00(text in "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]*)?") {
        if let Ok(context) = text.parse::<TraceContext>() {
            prop_assert_eq!(&context.to_string()[2..53], &text[2..53]);
        } else {
            prop_assert!(text.starts_with("ff") || text.starts_with("00") && text.len() > 55);
        }
    }

    /// Any one byte put wrong is noticed, or is a digit of another valid value.
    #[test]
    fn a_byte_that_is_no_lower_case_digit_is_refused(at in 0usize..55, byte in 0x20u8..0x7f) {
        let mut text = context(7, 9, 1).traceparent();
        prop_assume!(text[at] != byte && !matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        text[at] = byte;
        let text = String::from_utf8(text.to_vec()).expect("ASCII");
        prop_assert_eq!(text.parse::<TraceContext>(), Err(MalformedTraceparent));
    }
}

#[test]
fn all_zero_ids_and_version_ff_are_refused() {
    for text in [
        "00-00000000000000000000000000000000-1234567890123456-01",
        "00-12345678901234567890123456789012-0000000000000000-01",
        "ff-12345678901234567890123456789012-1234567890123456-01",
        "",
    ] {
        assert_eq!(text.parse::<TraceContext>(), Err(MalformedTraceparent), "{text}");
    }
}
