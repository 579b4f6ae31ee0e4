use super::{judge, traces_path, Answer};
use http::{header::RETRY_AFTER, HeaderMap, HeaderValue, StatusCode};
use std::time::{Duration, SystemTime};

#[test]
fn spans_are_posted_to_the_path_for_them_and_a_query_stays() {
    for (endpoint, posted) in [
        ("http://x", "http://x/v1/traces"),
        ("http://x/a/", "http://x/a/v1/traces"),
        ("http://x/v1/traces", "http://x/v1/traces"),
        ("http://x/?token=s3cret", "http://x/v1/traces?token=s3cret"),
    ] {
        assert_eq!(traces_path(endpoint), posted);
    }
}

#[test]
fn four_statuses_may_change_and_all_others_are_final() {
    for code in 300..600 {
        let status = StatusCode::from_u16(code).expect("a status");
        let answer = judge(status, &HeaderMap::new(), SystemTime::UNIX_EPOCH);
        let is_later = matches!(answer, Answer::Later { after: None, .. });
        assert_eq!(is_later, [429, 502, 503, 504].contains(&code), "{code}: {answer:?}");
    }
}

#[test]
fn a_collector_says_when_in_seconds_or_by_a_date() {
    for (text, wanted) in [
        ("7", Some(7)),
        (" 0 ", Some(0)),
        ("Thu, 01 Jan 1970 00:02:00 GMT", Some(20)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ] {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        let answer = judge(StatusCode::SERVICE_UNAVAILABLE, &headers, now);
        let Answer::Later { after, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(after, wanted.map(Duration::from_secs), "{text:?}");
    }
}
