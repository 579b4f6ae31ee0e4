//! Any text, read as each refined value: it is refused, or it prints to a text that reads as the same value.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ops_config::value::{HttpUrl, LogFilter, Name, Peer, Period, RoutePattern, Size, SocketAddress, StatusPattern};
use std::{fmt::Debug, fmt::Display, str::FromStr};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    returns::<Period<0, { u64::MAX }>>(text);
    returns::<Size<0, { u64::MAX }>>(text);
    returns::<HttpUrl>(text);
    returns::<LogFilter>(text);
    returns::<Name>(text);
    returns::<Peer>(text);
    returns::<SocketAddress>(text);
    returns::<StatusPattern>(text);
    returns::<RoutePattern>(text);
    if let Ok(pattern) = text.parse::<RoutePattern>() {
        // Matching must end, whatever the pattern.
        let _ = pattern.matches(text);
    }
});

/// Printing what was read and reading it again gives the same value and the same text.
fn returns<T: FromStr<Err: Debug> + Display + PartialEq + Debug>(text: &str) {
    let Ok(value) = text.parse::<T>() else { return };
    let printed = value.to_string();
    let again: T = printed.parse().expect("what was printed can be read");
    assert_eq!(again, value);
    assert_eq!(again.to_string(), printed);
}
