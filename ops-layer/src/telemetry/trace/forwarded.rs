//! What proxies say about a request they passed on: `Forwarded` (RFC 7239), and the `X-Forwarded-…`
//! headers that are older and more common.
//!
//! They are believed as they were sent, which is OpenTelemetry's rule: anybody may send them, and which
//! proxies to trust is not known here. So they are for telemetry only, and nothing in the stack decides by
//! them. Who is really at the other end of the connection is told beside it, as `network.peer.address`.

use http::{header, HeaderMap, HeaderName};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Proxies that are listened to, the first of them being the one next to the client. Longer lists are made up,
/// and reading them to the end would be work that a client orders.
const HOPS: usize = 16;
/// The longest name of a host (RFC 1035).
const LONGEST_HOST: usize = 255;

/// The client's address, and its port if a proxy tells: the leftmost one that is an address.
pub(super) fn client(headers: &HeaderMap) -> Option<(IpAddr, Option<u16>)> {
    forwarded(headers, "for").chain(listed(headers, &X_FORWARDED_FOR)).find_map(node)
}

/// The scheme that the client used, if it is one that is known.
pub(super) fn scheme(headers: &HeaderMap) -> Option<&'static str> {
    forwarded(headers, "proto").chain(listed(headers, &X_FORWARDED_PROTO)).find_map(known_scheme)
}

/// A scheme that HTTP is spoken under. Any word may be sent as one.
pub(super) fn known_scheme(said: &str) -> Option<&'static str> {
    ["http", "https", "ws", "wss"].into_iter().find(|known| said.eq_ignore_ascii_case(known))
}

/// The host that the client asked for, and its port if that was said.
pub(super) fn host(headers: &HeaderMap) -> Option<(&str, Option<u16>)> {
    forwarded(headers, "host").chain(listed(headers, &X_FORWARDED_HOST)).find_map(authority)
}

/// A host and its port, as the `Host` header has them. The brackets of an IPv6 address are left out.
pub(super) fn authority(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some((address, port)) = bracketed(text) {
        address.parse::<Ipv6Addr>().ok()?;
        (address, port)
    } else {
        let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
        (is_name(host).then_some(host)?, port)
    };
    match port.strip_prefix(':') {
        None => port.is_empty().then_some((host, None)),
        Some("") => Some((host, None)),
        Some(port) => Some((host, Some(port.parse().ok()?))),
    }
}

/// What stands within brackets, and what comes after.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('[')?.split_once(']')
}

fn is_name(host: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (1..=LONGEST_HOST).contains(&host.len()) && host.bytes().all(is_letter)
}

/// An address with or without a port, in all the ways proxies write it. Neither `unknown` nor a
/// made-up name such as `_gazonk` is one; a port may be hidden like that too.
fn node(text: &str) -> Option<(IpAddr, Option<u16>)> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some((address.to_canonical(), None));
    }
    let (address, port) = if let Some((address, rest)) = bracketed(text) {
        (IpAddr::from(address.parse::<Ipv6Addr>().ok()?), rest.strip_prefix(':'))
    } else {
        let (address, port) = text.split_once(':')?;
        (address.parse::<Ipv4Addr>().ok()?.into(), Some(port))
    };
    Some((address.to_canonical(), port.and_then(|port| port.parse().ok())))
}

/// One parameter of each element of `Forwarded` that has it, the client's proxy first.
fn forwarded<'h>(headers: &'h HeaderMap, parameter: &'static str) -> impl Iterator<Item = &'h str> {
    let elements = lines(headers, &header::FORWARDED).flat_map(|line| parts(line, b',')).take(HOPS);
    elements.filter_map(move |element| {
        parts(element, b';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let value = value.trim();
            let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            name.trim().eq_ignore_ascii_case(parameter).then_some(bare)
        })
    })
}

/// The elements of a header that is a plain list.
fn listed<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    lines(headers, name).flat_map(|line| line.split(',')).map(str::trim).take(HOPS)
}

fn lines<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    headers.get_all(name).iter().filter_map(|line| line.to_str().ok())
}

/// The parts of a line between separators that stand outside of quotes.
fn parts(line: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let (mut is_quoted, mut is_escaped) = (false, false);
        let end = line.bytes().position(|byte| {
            let literal = std::mem::take(&mut is_escaped);
            is_escaped = is_quoted && !literal && byte == b'\\';
            is_quoted ^= byte == b'"' && !literal;
            !is_quoted && byte == separator
        });
        rest = end.map(|end| &line[end + 1..]);
        Some(end.map_or(line, |end| &line[..end]))
    })
}

#[cfg(test)]
mod tests;
