//! Where to listen and whom to call: addresses, hosts, ports, peers.

use super::{pattern, text::text_schema, text::text_serde, Count, Malformed};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// A TCP port; 0 lets the system choose a free one.
pub type Port = Count<0, 65_535>;

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
    ($type:ident, $format:literal, $parse:expr, $pattern:expr) => {
        impl $type {
            pub(crate) const FORMAT: &'static str = $format;
        }

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
        text_schema!(format $type, stringify!($type), Self::FORMAT, Self::EXPECTED, $pattern);
    };
}

address!(Host, "ops-host", |text: &str| text.parse().ok(), format!("^(?:{}|{})$", pattern::ipv4(), pattern::IPV6));
address!(
    SocketAddress,
    "ops-socket-address",
    parse_socket,
    format!("^(?:{}|\\[{}\\]):{}$", pattern::ipv4(), pattern::IPV6, pattern::port())
);
address!(Peer, "ops-peer", parse_peer, format!("^{}:{}$", pattern::host(), pattern::port()));

/// As the standard library, but without what it takes beyond the plain form:
/// leading zeros in the port, and a scope after the address.
fn parse_socket(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.rsplit_once(':')?;
    let address = match in_brackets(host) {
        Some(v6) => IpAddr::V6(v6.parse().ok()?),
        None => IpAddr::V4(host.parse().ok()?),
    };
    Some(SocketAddr::new(address, parse_port(port)?))
}

fn parse_peer(text: &str) -> Option<Box<str>> {
    let (host, port) = text.rsplit_once(':')?;
    (is_host(host) && parse_port(port).is_some()).then(|| text.into())
}

/// A port in plain digits, without a sign or leading zeros.
pub(super) fn parse_port(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

/// Whether this is a host to connect to: a name, an IPv4 address, or an IPv6 address in brackets.
pub(super) fn is_host(host: &str) -> bool {
    if let Some(v6) = in_brackets(host) {
        return v6.parse::<Ipv6Addr>().is_ok();
    }
    let ends_fit =
        host.starts_with(|c: char| c.is_ascii_alphanumeric()) && host.ends_with(|c: char| c.is_ascii_alphanumeric());
    ends_fit && host.len() <= 254 && host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
}

fn in_brackets(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}
