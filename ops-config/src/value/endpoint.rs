//! Addresses of HTTP services.
//!
//! What their query says under a name that speaks of a secret is masked wherever an address is shown, and
//! a masked address is refused: it would ask with the asterisks.

use super::{
    address::{is_host, parse_port},
    pattern,
    query::mask_query,
    text::{text_schema, text_serde},
    Malformed, MASK,
};
use std::{fmt, str::FromStr};

/// The address of an HTTP service, encrypted or not. User and password are not
/// taken here: headers carry credentials. Shown with the secrets of its query masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpUrl(Box<str>);

/// The address of an HTTP service that is called without encryption. Shown as [`HttpUrl`] is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlainHttpUrl(Box<str>);

macro_rules! endpoint {
    ($type:ident, $format:literal, $schemes:expr, $scheme_pattern:literal, $expected:literal) => {
        impl $type {
            pub(crate) const FORMAT: &'static str = $format;

            /// The address as it was written, not to be shown: its query may hold a secret.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&mask_query(&self.0))
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&mask_query(&self.0), f)
            }
        }

        impl FromStr for $type {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                if is_endpoint(text, &$schemes) {
                    Ok(Self(text.into()))
                } else {
                    Err(Malformed::new($expected))
                }
            }
        }

        text_serde!($type);
        text_schema!(format $type, stringify!($type), Self::FORMAT, $expected, endpoint_pattern($scheme_pattern));
    };
}

endpoint!(
    HttpUrl,
    "ops-http-url",
    ["http", "https"],
    "https?",
    "an http:// or https:// address such as \"http://127.0.0.1:4317\""
);
endpoint!(
    PlainHttpUrl,
    "ops-plain-http-url",
    ["http"],
    "http",
    "an http:// address such as \"http://127.0.0.1:3000/health\""
);

fn endpoint_pattern(schemes: &str) -> String {
    format!("^{schemes}://{}(?::{})?(?:/[!#-;=?-_a-~]*)?$", pattern::host(), pattern::port())
}

fn is_endpoint(text: &str, schemes: &[&str]) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // Colons inside brackets belong to the address.
    let colon = authority.rfind(':').filter(|colon| !authority[*colon..].contains(']'));
    let (host, port) = authority.split_at(colon.unwrap_or(authority.len()));
    let port_fits = port.strip_prefix(':').is_none_or(|port| parse_port(port).is_some());
    // What no address may hold unless it is encoded, and no client would send.
    let path_fits = path.chars().all(|c| c.is_ascii_graphic() && !"\"<>`".contains(c)) && !path.contains(MASK);
    schemes.contains(&scheme) && is_host(host) && port_fits && path_fits
}
