//! `tracestate`: what other tracing systems pass along. We read it only to
//! know that it is whole, and hand it on.

use http::HeaderMap;
use std::sync::Arc;

/// As many entries as the specification lets through; a longer list is dropped whole.
const MAX_MEMBERS: usize = 32;

/// Every `tracestate` header as one list. None when there is none, or when any entry
/// breaks the grammar or repeats a key: half a list would be worse than none.
pub(super) fn read(headers: &HeaderMap) -> Option<Arc<str>> {
    let mut values = headers.get_all(super::headers::TRACESTATE).iter().peekable();
    values.peek()?;
    let mut keys: Vec<&str> = Vec::new();
    let mut list = String::new();
    for value in values {
        let value = value.to_str().ok()?;
        for member in value.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|m| !m.is_empty()) {
            let (key, value) = member.split_once('=')?;
            if !is_key(key) || !is_value(value) || keys.contains(&key) || keys.len() == MAX_MEMBERS {
                return None;
            }
            keys.push(key);
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(member);
        }
    }
    (!list.is_empty()).then(|| list.into())
}

/// One name of up to 256 characters, or a tenant of up to 241 and a system of up to 14.
fn is_key(key: &str) -> bool {
    match key.split_once('@') {
        None => is_name(key, 256),
        Some((tenant, system)) => {
            is_name(tenant, 241) && is_name(system, 14) && system.starts_with(|c: char| c.is_ascii_lowercase())
        }
    }
}

fn is_name(name: &str, longest: usize) -> bool {
    name.len() <= longest
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-*/".contains(&b))
}

fn is_value(value: &str) -> bool {
    let printable = |b: u8| (0x20..=0x7e).contains(&b) && b != b',' && b != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(printable)
}
