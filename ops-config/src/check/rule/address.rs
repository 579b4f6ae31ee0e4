//! When two addresses cannot both be listened on.

use std::net::{IpAddr, SocketAddr};

/// Whether a listener on one address would take connections of the other. A wildcard takes those of
/// every address; the IPv6 one, as systems are set up, those of IPv4 too. Port 0 never clashes.
pub(super) fn overlap(a: SocketAddr, b: SocketAddr) -> bool {
    if a.port() != b.port() || a.port() == 0 {
        return false;
    }
    let (a, b) = (a.ip().to_canonical(), b.ip().to_canonical());
    a == b || covers(a, b) || covers(b, a)
}

fn covers(wildcard: IpAddr, other: IpAddr) -> bool {
    wildcard.is_unspecified() && (wildcard.is_ipv6() || other.is_ipv4())
}

#[cfg(test)]
mod tests {
    use super::overlap;

    #[test]
    fn a_wildcard_takes_what_it_covers() {
        for (a, b, taken) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
            ("0.0.0.0:80", "127.0.0.1:80", true),
            ("0.0.0.0:80", "[::1]:80", false),
            ("[::]:80", "127.0.0.1:80", true),
            ("[::]:80", "[::1]:80", true),
            ("127.0.0.1:80", "127.0.0.2:80", false),
            ("[::ffff:127.0.0.1]:80", "127.0.0.1:80", true),
        ] {
            let (first, second) = (a.parse().unwrap(), b.parse().unwrap());
            assert_eq!(overlap(first, second), taken, "{a} and {b}");
            assert_eq!(overlap(second, first), taken, "{b} and {a}");
        }
    }
}
