use super::{authority, client, host, scheme};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use std::net::IpAddr;

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().expect("a name"), HeaderValue::try_from(*value).expect("a value"))
    };
    lines.iter().map(line).collect()
}

#[test]
fn the_leftmost_address_is_the_clients() {
    for (lines, address, port) in [
        (&[("forwarded", "for=192.0.2.60;proto=http;by=203.0.113.43")][..], "192.0.2.60", None),
        (&[("forwarded", "For=\"[2001:db8:cafe::17]:4711\"")], "2001:db8:cafe::17", Some(4711)),
        (&[("forwarded", "proto=https; for=192.0.2.1:80 , for=10.0.0.1")], "192.0.2.1", Some(80)),
        (&[("forwarded", "for=unknown, for=_hidden;by=\"a,b\", for=\"198.51.100.17:_port\"")], "198.51.100.17", None),
        (&[("forwarded", "by=\"x\\\",for=1.1.1.1\";for=2.2.2.2")], "2.2.2.2", None),
        (&[("forwarded", "for=unknown"), ("forwarded", "for=192.0.2.2")], "192.0.2.2", None),
        (&[("x-forwarded-for", "203.0.113.195, 70.41.3.18, 150.172.238.178")], "203.0.113.195", None),
        (&[("x-forwarded-for", "not an address, ,2001:db8::1")], "2001:db8::1", None),
        (&[("x-forwarded-for", "203.0.113.7:51234")], "203.0.113.7", Some(51234)),
        (&[("x-forwarded-for", "[2001:db8::1]")], "2001:db8::1", None),
        (&[("x-forwarded-for", "::ffff:192.0.2.9")], "192.0.2.9", None),
        (&[("x-forwarded-for", "10.0.0.1"), ("forwarded", "for=192.0.2.3")], "192.0.2.3", None),
        (&[("x-forwarded-for", "10.0.0.1"), ("forwarded", "proto=https")], "10.0.0.1", None),
    ] {
        let address: IpAddr = address.parse().expect("an address");
        assert_eq!(client(&headers(lines)), Some((address, port)), "{lines:?}");
    }
    for value in ["", "unknown", "example.com", "1.2.3.4.5", "[::1", "::1]:80", "300.1.1.1:80"] {
        assert_eq!(client(&headers(&[("x-forwarded-for", value)])), None, "{value}");
    }
}

#[test]
fn scheme_and_host_are_taken_only_where_they_are_some() {
    assert_eq!(scheme(&headers(&[("x-forwarded-proto", "HTTPS")])), Some("https"));
    assert_eq!(scheme(&headers(&[("x-forwarded-proto", "http"), ("forwarded", "proto=https;for=_a")])), Some("https"));
    assert_eq!(scheme(&headers(&[("x-forwarded-proto", "javascript")])), None);
    assert_eq!(host(&headers(&[("x-forwarded-host", "shop.example:8443, inner")])), Some(("shop.example", Some(8443))));
    assert_eq!(host(&headers(&[("forwarded", "host=\"shop.example\";for=1.1.1.1")])), Some(("shop.example", None)));
    assert_eq!(authority("[2001:db8::1]:80"), Some(("2001:db8::1", Some(80))));
    let long = "a".repeat(256);
    for hostile in
        ["", ":80", "a b", "user:pw@host", "user@host", "a/b", "[1.2.3.4]", "[::1]x", "a:b", "ä.example", &long]
    {
        assert_eq!(authority(hostile), None, "{hostile}");
    }
}

#[test]
fn a_made_up_list_is_not_read_to_its_end() {
    let long = format!("{}192.0.2.1", "x,".repeat(1000));
    assert_eq!(client(&headers(&[("x-forwarded-for", &long)])), None);
}

proptest! {
    #[test]
    fn any_line_is_read_without_a_fault(line in "[ -~]{0,80}", other in "[ -~]{0,40}") {
        let headers = headers(&[("forwarded", &line), ("x-forwarded-for", &other), ("x-forwarded-host", &other)]);
        let _ = (client(&headers), scheme(&headers), host(&headers));
    }

    #[test]
    fn an_address_is_found_however_it_is_written(address: IpAddr, port: Option<u16>, element in 0usize..16) {
        let bare = if address.is_ipv6() { format!("[{address}]") } else { address.to_string() };
        let node = port.map_or(bare.clone(), |port| format!("{bare}:{port}"));
        let before = "unknown, ".repeat(element);
        let expected = Some((address.to_canonical(), port));
        prop_assert_eq!(client(&headers(&[("x-forwarded-for", &format!("{before}{node}, 8.8.8.8"))])), expected);
        let before = "for=_x, ".repeat(element);
        prop_assert_eq!(client(&headers(&[("forwarded", &format!("{before}by=_y;for=\"{node}\""))])), expected);
    }
}
