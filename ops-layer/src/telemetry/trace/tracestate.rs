//! `tracestate`: what other tracing systems pass along. We read it only to
//! know that it is whole, and hand it on.
//!
//! Members are kept in their order over all headers, empty ones and the white space around them left
//! out. A list is dropped whole where any member is wrong, a key comes twice, or there are more than 32:
//! half a list would be worse than none, and the trace itself goes on. It is not cut to a length either;
//! what 32 members can be at most, 16 KiB, is the bound.
//!
//! Of a key's two grammars this is what both editions of the specification agree on, and its public suite
//! asks for: level 2 lets any key begin with a digit, and that is taken; it also lets `@` stand anywhere,
//! as often as one likes, and that is refused as in level 1, where it parts a tenant from its system.

use http::{HeaderMap, HeaderValue};

/// As many members as the specification lets through.
const MAX_MEMBERS: usize = 32;

/// Every `tracestate` header as one list. None when there is none, or it is not right.
pub(super) fn read(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut keys = [""; MAX_MEMBERS];
    let (mut count, mut length) = (0, 0);
    for value in headers.get_all(super::headers::TRACESTATE) {
        for member in members(value.to_str().ok()?) {
            let (key, value) = member.split_once('=')?;
            if !is_key(key) || !is_value(value) || keys[..count].contains(&key) {
                return None;
            }
            *keys.get_mut(count)? = key;
            count += 1;
            length += member.len() + 1;
        }
    }
    if count == 0 {
        return None;
    }
    let mut values = headers.get_all(super::headers::TRACESTATE).iter();
    match (values.next(), values.next()) {
        // Nearly every list comes in one header that says nothing else: shared, not copied.
        (Some(value), None) if value.len() + 1 == length => Some(value.clone()),
        _ => joined(headers, length),
    }
}

fn joined(headers: &HeaderMap, length: usize) -> Option<HeaderValue> {
    let mut list = String::with_capacity(length);
    for value in headers.get_all(super::headers::TRACESTATE) {
        for member in members(value.to_str().ok()?) {
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(member);
        }
    }
    HeaderValue::try_from(list).ok()
}

fn members(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty())
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
