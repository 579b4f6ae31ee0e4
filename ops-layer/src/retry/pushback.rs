//! When a service that failed asks to be called again.

use http::{header, HeaderMap};
use std::time::{Duration, SystemTime};

/// What a response asks of whoever would call again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushback {
    /// To wait so long.
    After(Duration),
    /// Not to.
    Never,
}

/// What the head of a response asks for, if anything.
///
/// `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3); one that is neither is left aside, as the
/// RFC leaves it open. `grpc-retry-pushback-ms` is gRPC's own, a number of milliseconds; one that is none means "do not"
/// (gRFC A6).
pub(super) fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Pushback> {
    if let Some(value) = headers.get("grpc-retry-pushback-ms") {
        let millis = value.to_str().ok().and_then(|text| text.parse().ok());
        return Some(millis.map_or(Pushback::Never, |millis| Pushback::After(Duration::from_millis(millis))));
    }
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()) {
        // More digits than a number holds are still a very long time.
        return Some(Pushback::After(Duration::from_secs(text.parse().unwrap_or(u64::MAX))));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(Pushback::After(date.duration_since(now).unwrap_or_default()))
}
