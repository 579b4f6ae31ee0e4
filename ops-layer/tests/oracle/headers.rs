//! What holds of any trace headers. One oracle for the property test and for fuzzing.

use http::{HeaderMap, HeaderValue};
use ops_layer::telemetry::trace::{extract, inject, TraceContext};

/// Panics when the headers are read otherwise than the specification's grammar says, or what is
/// handed on is not what came in.
pub(crate) fn check(headers: &HeaderMap) {
    let found = extract(headers);
    let traceparent: Vec<_> = headers.get_all("traceparent").iter().collect();
    let expected = match traceparent[..] {
        // What a later version adds may be any bytes.
        [value] => parent(String::from_utf8_lossy(value.as_bytes()).trim_matches([' ', '\t'])),
        _ => None,
    };
    let shown = found.as_ref().map(ToString::to_string);
    assert_eq!(shown, expected, "{traceparent:?}");
    if let Some(context) = found {
        assert_eq!(context.tracestate().map(str::to_owned), state(headers), "{headers:?}");
        is_handed_on(&context, headers);
    }
}

/// Print and parse are each other's reverse; what is injected, also over what was there, is extracted again.
fn is_handed_on(context: &TraceContext, before: &HeaderMap) {
    let text = context.to_string();
    let parsed: TraceContext = text.parse().expect("what was printed");
    assert_eq!(parsed.to_string(), text);
    for mut headers in [HeaderMap::new(), before.clone()] {
        inject(context, &mut headers);
        assert_eq!(extract(&headers).as_ref(), Some(context));
        assert_eq!(headers.get_all("traceparent").iter().collect::<Vec<_>>(), [text.as_str()]);
        let lists: Vec<_> = headers.get_all("tracestate").iter().filter_map(|list| list.to_str().ok()).collect();
        assert_eq!(lists, Vec::from_iter(context.tracestate()));
    }
}

/// A `traceparent` as it is written by us, if it is one.
fn parent(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split('-').collect();
    let ([version, trace, span, flags], rest) = fields.split_first_chunk()?;
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let fits = [(version, 2), (trace, 32), (span, 16), (flags, 2)]
        .iter()
        .all(|(field, length)| field.len() == *length && is_hex(field));
    let is_none = |id: &str| id.bytes().all(|byte| byte == b'0');
    if !fits || *version == "ff" || (*version == "00" && !rest.is_empty()) || is_none(trace) || is_none(span) {
        return None;
    }
    let known = u8::from_str_radix(flags, 16).expect("two digits") & 3;
    Some(format!("00-{trace}-{span}-{known:02x}"))
}

/// The `tracestate` of all headers, if it is one.
fn state(headers: &HeaderMap) -> Option<String> {
    let lists: Result<Vec<&str>, _> = headers.get_all("tracestate").iter().map(HeaderValue::to_str).collect();
    let list = lists.ok()?.join(",");
    let members: Vec<&str> =
        list.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty()).collect();
    let mut keys = Vec::new();
    for member in &members {
        let (key, value) = member.split_once('=')?;
        let is_value = value.len() <= 256 && !value.is_empty() && !value.contains(['=', '\t']);
        if !is_value || !is_key(key) || keys.contains(&key) {
            return None;
        }
        keys.push(key);
    }
    (1..=32).contains(&members.len()).then(|| members.join(","))
}

fn is_key(key: &str) -> bool {
    let is_name = |name: &str| {
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-*/".contains(c);
        name.chars().all(known) && !name.is_empty() && !name.starts_with(['_', '-', '*', '/'])
    };
    match key.split('@').collect::<Vec<_>>()[..] {
        [name] => is_name(name) && name.len() <= 256,
        [tenant, system] => {
            let is_letter = system.starts_with(|c: char| c.is_ascii_lowercase());
            is_name(tenant) && tenant.len() <= 241 && is_name(system) && system.len() <= 14 && is_letter
        }
        _ => false,
    }
}
