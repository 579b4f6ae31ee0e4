//! Who may speak to the operator's listener.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{header, HeaderMap, HeaderName, Method, StatusCode};
use ops_config::live::Live;
use std::net::IpAddr;
use subtle::ConstantTimeEq;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// How a token is asked for (RFC 6750). A client that knows it tells this listener from a stranger's before it
/// shows a token.
pub const CHALLENGE: &str = "Bearer realm=\"ops\"";

/// How a request was let through. An extension of it, for changes that are audited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Admitted {
    /// Whether it had to show the token.
    pub(super) token_needed: bool,
}

/// Lets a request through, or says why not.
pub(super) async fn guard<P: Send + Sync + 'static>(
    State(live): State<Live<P>>,
    mut request: Request,
    next: Next,
) -> Response {
    let generation = live.current();
    let token = generation.checked.config().admin.token.as_ref().and_then(|token| token.expose());
    match admit(&request, token) {
        Ok(()) => {
            request.extensions_mut().insert(Admitted { token_needed: token.is_some() });
            next.run(request).await
        }
        Err(denied) => denied.into_response(),
    }
}

/// Why a request was not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    Host,
    Origin,
    Token,
    ContentType,
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Host => {
                (StatusCode::MISDIRECTED_REQUEST, "the Host header must name this machine by address, or localhost\n")
            }
            Self::Origin => (StatusCode::FORBIDDEN, "requests of other sites are not taken\n"),
            Self::Token => (StatusCode::UNAUTHORIZED, "send the token of admin.token as \"Authorization: Bearer …\"\n"),
            Self::ContentType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "send \"Content-Type: application/json\"\n"),
        };
        let mut response = (status, text).into_response();
        if self == Self::Token {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, http::HeaderValue::from_static(CHALLENGE));
        }
        response
    }
}

/// The checks, in the order in which they tell the least to a stranger.
pub(super) fn admit<B>(request: &http::Request<B>, token: Option<&str>) -> Result<(), Denied> {
    let headers = request.headers();
    let host = host_of(request).ok_or(Denied::Host)?;
    // A page that was lured here by DNS rebinding comes with a name of its own. Whoever knows the
    // token was not lured, so with one, names that the operators gave this machine are fine.
    if token.is_none() && !is_address_of_this_machine(host) {
        return Err(Denied::Host);
    }
    if is_cross_site(headers, host) {
        return Err(Denied::Origin);
    }
    if token.is_some_and(|token| !carries(headers, token)) {
        return Err(Denied::Token);
    }
    // A form of another site can send a POST without asking first, but not with this content type.
    if request.method() == Method::POST && !is_json(headers) {
        return Err(Denied::ContentType);
    }
    Ok(())
}

/// Host and port that the request was sent to: `:authority` of HTTP/2, else `Host`.
fn host_of<B>(request: &http::Request<B>) -> Option<&str> {
    let of_uri = request.uri().authority().map(http::uri::Authority::as_str);
    of_uri.or_else(|| request.headers().get(header::HOST)?.to_str().ok())
}

fn is_address_of_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

fn is_cross_site(headers: &HeaderMap, host: &str) -> bool {
    let site = headers.get(SEC_FETCH_SITE);
    let foreign_site = site.is_some_and(|site| site != "same-origin" && site != "none");
    let origin = headers.get(header::ORIGIN);
    let foreign_origin = origin.is_some_and(|origin| {
        let of_origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        of_origin.is_none_or(|(_, origin_host)| !origin_host.eq_ignore_ascii_case(host))
    });
    foreign_site || foreign_origin
}

/// Compared in constant time, so that answers do not tell how much of a guess was right.
fn carries(headers: &HeaderMap, token: &str) -> bool {
    let value = headers.get(header::AUTHORIZATION).map(http::HeaderValue::as_bytes);
    let given = value.and_then(|value| {
        let (scheme, rest) = value.split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then_some(rest)
    });
    given.is_some_and(|given| given.ct_eq(token.as_bytes()).into())
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| {
        let essence = value.split_once(';').map_or(value, |(essence, _)| essence);
        essence.trim().eq_ignore_ascii_case("application/json")
    })
}
