//! Addresses of HTTP services.

use super::{text::text_schema, text::text_serde, Malformed};
use std::{fmt, str::FromStr};

const EXPECTED: &str = "an http:// or https:// address such as \"http://127.0.0.1:4317\"";
const PATTERN: &str =
    r"^https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[!-~]*)?$";

/// The address of an HTTP service. User and password are not taken here: they
/// would be shown in logs; headers carry credentials.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpUrl(Box<str>);

impl HttpUrl {
    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromStr for HttpUrl {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse(text).map(|()| Self(text.into())).ok_or_else(|| Malformed::new(EXPECTED))
    }
}

fn parse(text: &str) -> Option<()> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = match authority.rfind(':').filter(|colon| !authority[*colon..].contains(']')) {
        Some(colon) => (&authority[..colon], Some(&authority[colon + 1..])),
        None => (authority, None),
    };
    let host_fits = match host.strip_prefix('[').and_then(|v6| v6.strip_suffix(']')) {
        Some(v6) => !v6.is_empty() && v6.chars().all(|c| c.is_ascii_hexdigit() || c == ':' || c == '.'),
        None => super::address::is_host_name(host),
    };
    let port_fits = port.is_none_or(|port| (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit()));
    (host_fits && port_fits && path.chars().all(|c| c.is_ascii_graphic())).then_some(())
}

text_serde!(HttpUrl);
text_schema!(HttpUrl, "HttpUrl", EXPECTED, PATTERN);
