//! Where to listen and whom to call: addresses, hosts, ports, peers.

use super::{text::text_schema, text::text_serde, Count, Malformed};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

/// A TCP port; 0 lets the system choose a free one.
pub type Port = Count<0, 65_535>;

const OCTET: &str = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const PORT: &str = "(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}|0)";

/// An IP address to listen on, such as `127.0.0.1` or `::`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(IpAddr);

impl Host {
    /// This machine only.
    pub const LOOPBACK: Self = Self(IpAddr::V4(Ipv4Addr::LOCALHOST));

    const EXPECTED: &'static str = "an IP address such as \"127.0.0.1\"";

    /// The address.
    #[must_use]
    pub const fn get(self) -> IpAddr {
        self.0
    }
}

/// An IP address and a port to listen on, such as `127.0.0.1:8080` or `[::]:8080`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketAddress(SocketAddr);

impl SocketAddress {
    const EXPECTED: &'static str = "an address and a port such as \"127.0.0.1:8080\"";

    /// A port of this machine's loopback address.
    #[must_use]
    pub const fn loopback(port: u16) -> Self {
        Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }

    /// The address.
    #[must_use]
    pub const fn get(self) -> SocketAddr {
        self.0
    }
}

/// A host name or IP address and a port to connect to, such as `db.internal:5432`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer(Box<str>);

impl Peer {
    const EXPECTED: &'static str = "a host and a port such as \"db.internal:5432\"";

    /// Host and port as they are resolved.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! address {
    ($type:ident, $parse:expr, $pattern:expr) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $type {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                $parse(text).map(Self).ok_or_else(|| Malformed::new(Self::EXPECTED))
            }
        }

        text_serde!($type);
        text_schema!($type, stringify!($type), Self::EXPECTED, $pattern);
    };
}

address!(
    Host,
    |text: &str| text.parse().ok(),
    format!("^(?:{OCTET}(?:\\.{OCTET}){{3}}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$")
);
address!(
    SocketAddress,
    |text: &str| text.parse().ok(),
    format!("^(?:{OCTET}(?:\\.{OCTET}){{3}}|\\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\\]):{PORT}$")
);
address!(
    Peer,
    parse_peer,
    format!("^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,252}}[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\]):{PORT}$")
);

fn parse_peer(text: &str) -> Option<Box<str>> {
    let (host, port) = text.rsplit_once(':')?;
    let port_fits = port.len() == 1 || !port.starts_with('0');
    let host_fits = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(v6) => !v6.is_empty() && v6.chars().all(|c| c.is_ascii_hexdigit() || c == ':' || c == '.'),
        None => is_host_name(host),
    };
    (host_fits && port_fits && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok())
        .then(|| text.into())
}

pub(super) fn is_host_name(host: &str) -> bool {
    let ends_fit =
        host.starts_with(|c: char| c.is_ascii_alphanumeric()) && host.ends_with(|c: char| c.is_ascii_alphanumeric());
    ends_fit && host.len() <= 254 && host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
}
