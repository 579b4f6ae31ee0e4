//! What is known of a request before it is worked on, by the names of OpenTelemetry's HTTP conventions.
//!
//! What a client sends is cut to a length that is of use, and taken as text whatever its bytes are. The query
//! is shown with the values of secrets masked. Where proxies passed a request on, scheme, host and client are
//! what the proxies say (see [`forwarded`]); where they say no port, it is the scheme's own.

use super::forwarded;
use crate::{
    call::PeerAddr,
    telemetry::{
        metric::{Method, Route},
        redact,
    },
};
use http::{
    header::{HOST, USER_AGENT},
    Request, Version,
};
use opentelemetry::{
    trace::{SpanBuilder, SpanKind},
    KeyValue, StringValue,
};
use std::{
    io::{Cursor, Write},
    net::IpAddr,
    sync::Arc,
};

/// The most that is kept of one text that a client sent, in bytes. Real ones are shorter.
const LONGEST: usize = 1024;

/// As many attributes as the span of a request can have, those of its end included, so that they are made
/// room for once.
const MOST: usize = 16;

/// The span of a request as it is known before the request is worked on.
pub(super) fn describe<B>(request: &Request<B>, method: Method) -> SpanBuilder {
    let mut attributes = Vec::with_capacity(MOST);
    attributes.push(KeyValue::new("http.request.method", method.label()));
    if method == Method::Other {
        attributes.push(KeyValue::new("http.request.method_original", text(request.method().as_str())));
    }
    let route = Route::of_request(request);
    if let Some(route) = route {
        attributes.push(KeyValue::new("http.route", text(route)));
    }
    address(request, &mut attributes);
    peer(request, &mut attributes);
    attributes.push(KeyValue::new("network.protocol.version", protocol(request.version())));
    if let Some(agent) = request.headers().get(USER_AGENT) {
        attributes.push(KeyValue::new("user_agent.original", text(&String::from_utf8_lossy(agent.as_bytes()))));
    }
    let builder = match route {
        Some(route) => SpanBuilder::from_name(name(method, route)),
        None => SpanBuilder::from_name(method.span_name()),
    };
    builder.with_kind(SpanKind::Server).with_attributes(attributes)
}

/// The name of the span of a request whose route is known.
pub(super) fn name(method: Method, route: &str) -> String {
    [method.span_name(), " ", route].concat()
}

/// A text of somebody else's, in one allocation that copies of the span share.
pub(super) fn text(text: &str) -> StringValue {
    StringValue::from(Arc::<str>::from(&text[..text.floor_char_boundary(LONGEST)]))
}

/// What was asked for, and of whom.
fn address<B>(request: &Request<B>, attributes: &mut Vec<KeyValue>) {
    let (uri, headers) = (request.uri(), request.headers());
    attributes.push(KeyValue::new("url.path", text(uri.path())));
    if let Some(query) = uri.query() {
        attributes.push(KeyValue::new("url.query", text(&redact::query(query))));
    }
    let direct = || uri.scheme_str().and_then(forwarded::known_scheme).unwrap_or("http");
    let scheme = forwarded::scheme(headers).unwrap_or_else(direct);
    attributes.push(KeyValue::new("url.scheme", scheme));
    let of_uri = || forwarded::authority(uri.authority()?.as_str());
    let of_host = || forwarded::authority(headers.get(HOST)?.to_str().ok()?);
    if let Some((host, port)) = forwarded::host(headers).or_else(of_uri).or_else(of_host) {
        let usual = if scheme == "https" || scheme == "wss" { 443 } else { 80 };
        attributes.push(KeyValue::new("server.address", text(host)));
        attributes.push(KeyValue::new("server.port", i64::from(port.unwrap_or(usual))));
    }
}

/// Who asked: the client behind all proxies, and the other end of the connection.
fn peer<B>(request: &Request<B>, attributes: &mut Vec<KeyValue>) {
    let peer = PeerAddr::of_request(request).map(|peer| (peer.ip().to_canonical(), peer.port()));
    let shown = peer.map(|(address, _)| ip(address));
    let client = match forwarded::client(request.headers()) {
        // Mostly there is no proxy, or none between: then it is one text.
        Some((address, port)) if peer.is_none_or(|(peer, _)| peer != address) => Some((ip(address), port)),
        Some((_, port)) => shown.clone().map(|shown| (shown, port)),
        None => shown.clone().zip(peer).map(|(shown, (_, port))| (shown, Some(port))),
    };
    if let Some((address, port)) = client {
        attributes.push(KeyValue::new("client.address", address));
        attributes.extend(port.map(|port| KeyValue::new("client.port", i64::from(port))));
    }
    if let Some((shown, (_, port))) = shown.zip(peer) {
        attributes.push(KeyValue::new("network.peer.address", shown));
        attributes.push(KeyValue::new("network.peer.port", i64::from(port)));
    }
}

/// The client's address: as the proxies tell it, or the other end of the connection.
pub(in crate::telemetry) fn client_address<B>(request: &Request<B>) -> Option<IpAddr> {
    let told = forwarded::client(request.headers()).map(|(address, _)| address);
    told.or_else(|| PeerAddr::of_request(request).map(|peer| peer.ip().to_canonical()))
}

fn ip(address: IpAddr) -> StringValue {
    // As long as the longest address: written here first, it is allocated once and as long as it is.
    let mut buffer = Cursor::new([0; 45]);
    let _ = write!(buffer, "{address}");
    let end = usize::try_from(buffer.position()).unwrap_or(0);
    text(std::str::from_utf8(&buffer.get_ref()[..end]).unwrap_or_default())
}

/// The version of HTTP as conventions write it.
pub(in crate::telemetry) const fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "1.1",
    }
}
