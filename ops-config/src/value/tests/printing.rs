//! Feature: production-excellence, Property 8: printing a value and parsing it back gives the same.

#[path = "../../../tests/oracle/value.rs"]
mod oracle;

use super::super::{
    days, gib, hours, kib, minutes, AttributeName, Count, FieldName, HeaderName, Host, HttpUrl, Level, LogFilter,
    MethodName, Name, Peer, Period, PlainHttpUrl, Positive, RateKey, Ratio, RoutePattern, Size, SocketAddress,
    StatusPattern, Tolerance,
};
use oracle::{reads_back, returns};
use proptest::prelude::*;
use std::{
    fmt::{Debug, Display},
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// The value of a text that must be one.
fn stable<T: FromStr<Err: Debug> + Display + PartialEq + Debug>(text: &str) -> T {
    returns(text).unwrap_or_else(|| panic!("{text:?} is refused"))
}

proptest! {
    /// Feature: production-excellence, Property 8: periods.
    #[test]
    fn periods(millis in 0..=days(400), number in 0u64..2000, unit in "ms|s|m|h|d") {
        type Any = Period<0, { days(10_000) }>;
        let period = Any::try_from_millis(millis).unwrap();
        prop_assert_eq!(stable::<Any>(&period.to_string()), period);
        let written = format!("{number}{unit}");
        let parsed = stable::<Any>(&written);
        prop_assert_eq!(humantime::parse_duration(&written).unwrap(), parsed.get());
        reads_back(&period);
    }

    /// Feature: production-excellence, Property 8: sizes.
    #[test]
    fn sizes(number in 0u64..5000, unit in "B|KiB|MiB|GiB|TiB") {
        type Any = Size<0, { gib(1 << 24) }>;
        let size = stable::<Any>(&format!("{number}{unit}"));
        let power = ["B", "KiB", "MiB", "GiB", "TiB"].iter().position(|known| *known == unit).unwrap();
        prop_assert_eq!(size.bytes(), number * 1024u64.pow(u32::try_from(power).unwrap()));
        reads_back(&size);
    }

    /// Feature: production-excellence, Property 8: names.
    #[test]
    fn names(name in "[a-z][a-z0-9_-]{0,62}", field in "[!-~]{1,128}", header in "[a-z0-9!#$%&'*+.^_`|~-]{1,128}", method in "[A-Z][A-Z-]{0,31}") {
        prop_assert_eq!(stable::<MethodName>(&method).to_string(), method.as_str());
        reads_back(&method.parse::<MethodName>().unwrap());
        prop_assert_eq!(stable::<Name>(&name).to_string(), name.as_str());
        prop_assert_eq!(stable::<HeaderName>(&header).to_string(), header.as_str());
        prop_assert_eq!(stable::<FieldName>(&field).to_string(), field.as_str());
        reads_back(&name.parse::<Name>().unwrap());
        reads_back(&field.parse::<FieldName>().unwrap());
        reads_back(&header.parse::<HeaderName>().unwrap());
    }

    /// Feature: production-excellence, Property 8: names of attributes.
    #[test]
    fn attributes(name in "[A-Za-z0-9_][A-Za-z0-9_./-]{0,254}") {
        prop_assert_eq!(stable::<AttributeName>(&name).to_string(), name.as_str());
        reads_back(&name.parse::<AttributeName>().unwrap());
    }

    /// Feature: production-excellence, Property 8: keys of rates.
    #[test]
    fn rate_keys(text in "all|client|route|header:[a-z0-9!#$%&'*+.^_`|~-]{1,128}") {
        let key = stable::<RateKey>(&text);
        prop_assert_eq!(key.to_string(), text.as_str());
        reads_back(&key);
    }

    /// Feature: production-excellence, Property 8: statuses.
    #[test]
    fn statuses(text in "[1-5]([0-9]{2}|xx)", status in 0u16..700) {
        let pattern = stable::<StatusPattern>(&text);
        prop_assert_eq!(pattern.to_string(), text.as_str());
        let digits = status.to_string();
        let meant = digits == text || text.ends_with("xx") && digits.len() == 3 && digits[..1] == text[..1];
        prop_assert_eq!(pattern.matches(status), meant);
        reads_back(&pattern);
    }

    /// Feature: production-excellence, Property 8: log filters.
    #[test]
    fn log_filters(
        text in "(off|error|warn|info|debug|trace)(,[a-z_]{1,5}(::[a-z_][a-z0-9_]{0,3}){0,2}=(off|warn|trace)){0,4}",
    ) {
        let filter = stable::<LogFilter>(&text);
        prop_assert_eq!(filter.to_string(), text.as_str());
        prop_assert_eq!(filter.targets().count(), text.matches('=').count());
        reads_back(&filter);
    }

    /// Feature: production-excellence, Property 8: addresses.
    #[test]
    fn addresses(ip in any::<IpAddr>(), port in any::<u16>(), name in "[a-z0-9]([a-z0-9.-]{0,30}[a-z0-9])?", tail in "(/[!#-;=@-_a-~]{0,9})?") {
        prop_assert_eq!(stable::<Host>(&ip.to_string()).get(), ip);
        let socket = SocketAddr::new(ip, port);
        prop_assert_eq!(stable::<SocketAddress>(&socket.to_string()).get(), socket);
        prop_assert_eq!(stable::<Peer>(&socket.to_string()).to_string(), socket.to_string());
        let (peer, url) = (format!("{name}:{port}"), format!("http://{name}:{port}{tail}"));
        prop_assert_eq!(stable::<Peer>(&peer).to_string(), peer.as_str());
        prop_assert_eq!(stable::<HttpUrl>(&url).to_string(), url.as_str());
        prop_assert_eq!(stable::<PlainHttpUrl>(&url).to_string(), url.as_str());
        reads_back(&ip.to_string().parse::<Host>().unwrap());
        reads_back(&socket.to_string().parse::<SocketAddress>().unwrap());
        reads_back(&peer.parse::<Peer>().unwrap());
        reads_back(&url.parse::<HttpUrl>().unwrap());
    }

    /// Feature: production-excellence, Property 8: route patterns.
    #[test]
    fn route_patterns(text in "/((\\*|\\{[a-z_][a-z0-9_]{0,4}\\}|[a-zA-Z0-9._~%-]{1,5})/){0,4}(\\*\\*?|\\{id\\}|[a-z]{1,5})?") {
        let pattern = stable::<RoutePattern>(&text);
        prop_assert_eq!(pattern.to_string(), text.as_str());
        reads_back(&pattern);
    }

    /// Feature: production-excellence, Property 7: numbers.
    #[test]
    fn numbers(ratio in 0.0f64..=1.0, positive in f64::MIN_POSITIVE..f64::MAX, tolerance in 1.1f64..=10.0, count in 5u64..=4_294_967_295) {
        reads_back(&Ratio::try_from(ratio).unwrap());
        reads_back(&Positive::try_from(positive).unwrap());
        reads_back(&Tolerance::try_from(tolerance).unwrap());
        reads_back(&Count::<5, 4_294_967_295>::try_from(count).unwrap());
        prop_assert_eq!(Ratio::try_from(ratio).unwrap().to_string().parse::<f64>().unwrap().to_bits(), ratio.to_bits());
    }
}

#[test]
fn a_period_is_printed_in_the_largest_unit_that_fits() {
    for (millis, text) in [(0, "0s"), (50, "50ms"), (1000, "1s"), (90_000, "90s"), (hours(24), "1d"), (1500, "1500ms")]
    {
        assert_eq!(Period::<0, { days(1) }>::literal(millis).to_string(), text);
    }
    assert_eq!(Size::<0, { gib(4) }>::literal(kib(1536)).to_string(), "1536KiB");
}

#[test]
fn numbers_out_of_range_are_refused() {
    assert!(Period::<10, { minutes(1) }>::try_from_millis(9).is_err());
    assert!(Period::<10, { minutes(1) }>::try_from_millis(minutes(1) + 1).is_err());
    for wrong in [-0.1, 1.000_001, f64::NAN, f64::INFINITY] {
        assert!(Ratio::try_from(wrong).is_err(), "{wrong}");
    }
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Positive::try_from(wrong).is_err(), "{wrong}");
    }
    for wrong in [0, 11] {
        assert!(Count::<1, 10>::try_from(wrong).is_err(), "{wrong}");
    }
    let message = Count::<1, 10>::try_from(11).unwrap_err().to_string();
    assert_eq!(message, "expected a whole number from 1 to 10");
}

#[test]
fn a_whole_number_may_be_written_as_a_float_and_nothing_else() {
    let read = |text: &str| serde_json::from_str::<Count<0, 100>>(text).ok().map(Count::get);
    for (text, number) in [("7", Some(7)), ("7.0", Some(7)), ("1e2", Some(100)), ("-0.0", Some(0))] {
        assert_eq!(read(text), number, "{text}");
    }
    for text in ["7.5", "101.0", "-1.0", "1e300", "-1", "\"7\"", "true", "18446744073709551616"] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn a_log_filter_knows_its_levels() {
    let filter: LogFilter = "warn,ops_layer=debug,ops_layer::pool=off".parse().unwrap();
    assert_eq!(filter.default_level(), Level::Warn);
    let targets: Vec<_> = filter.targets().collect();
    assert_eq!(targets, [("ops_layer", Level::Debug), ("ops_layer::pool", Level::Off)]);
    for wrong in ["", "INFO", "info,", "info,a", "info,a=", "ops=debug", "info,a:b=warn", "info, a=warn"] {
        assert!(wrong.parse::<LogFilter>().is_err(), "{wrong:?}");
    }
}
