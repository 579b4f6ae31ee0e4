use super::{Durations, Recording};
use crate::{
    clock::Moment,
    refusal::Refusal,
    telemetry::metric::{http::HttpCounts, Families, Method, OTHER_ROUTE},
};
use http::StatusCode;
use ops_config::value::Positive;
use std::sync::Arc;

fn durations(bounds: &[f64]) -> Arc<Durations> {
    let bounds: Vec<_> = bounds.iter().map(|bound| Positive::try_from(*bound).expect("positive")).collect();
    Arc::new(Durations::try_new(&bounds).expect("rising"))
}

fn begin(durations: &Arc<Durations>, http: &Arc<HttpCounts>, route: Option<&str>) -> Recording {
    Recording::new(durations, http, route, Method::Get, Moment::now())
}

fn text(durations: &Durations) -> String {
    let mut families = Families::new();
    families.extend(durations.collect());
    families.text()
}

fn count(text: &str, route: &str, status: &str) -> Option<String> {
    let labels =
        format!("_count{{http_request_method=\"GET\",http_response_status_code=\"{status}\",http_route=\"{route}\"}} ");
    let line =
        text.lines().find_map(|line| line.strip_prefix("http_server_request_duration_seconds")?.strip_prefix(&labels));
    line.map(str::to_owned)
}

#[test]
fn a_request_is_counted_under_its_route_and_status_when_it_ends() {
    let (durations, http) = (durations(&[0.1, 1.0]), Arc::new(HttpCounts::new()));
    for status in [200, 200, 503] {
        let mut recording = begin(&durations, &http, Some("/items/{id}"));
        recording.answered(StatusCode::from_u16(status).expect("a status"));
        assert!(!text(&durations).contains(&format!("\"{status}\",http_route=\"/other\"")));
    }
    drop(begin(&durations, &http, None));
    let text = text(&durations);
    assert_eq!(count(&text, "/items/{id}", "200").as_deref(), Some("2"), "{text}");
    assert_eq!(count(&text, "/items/{id}", "503").as_deref(), Some("1"));
    assert_eq!(count(&text, OTHER_ROUTE, "").as_deref(), Some("1"), "nobody waited for it");
}

#[test]
fn a_refused_request_is_counted_with_its_reason_and_status() {
    let (durations, http) = (durations(&[1.0]), Arc::new(HttpCounts::new()));
    begin(&durations, &http, Some("/")).refused(&Refusal::Timeout);
    begin(&durations, &http, Some("/")).refused(&Refusal::Dropped);
    let page = text(&durations);
    assert_eq!(count(&page, "/", "504").as_deref(), Some("1"));
    assert_eq!(count(&page, "/", "").as_deref(), Some("1"), "a dropped connection has no status");
    let mut families = Families::new();
    http.describe(&mut families);
    let page = families.text();
    assert!(page.contains("ops_requests_refused_total{reason=\"timeout\"} 1\n"), "{page}");
    assert!(page.contains("ops_requests_refused_total{reason=\"overloaded\"} 0\n"), "shown before the first");
}

#[test]
fn more_answers_than_a_route_has_places_for_are_counted_all_the_same() {
    let (durations, http) = (durations(&[1.0]), Arc::new(HttpCounts::new()));
    for status in (200..300).chain(200..300) {
        begin(&durations, &http, Some("/")).answered(StatusCode::from_u16(status).expect("a status"));
    }
    let page = text(&durations);
    assert!((200..300).all(|status| count(&page, "/", &status.to_string()).as_deref() == Some("2")), "{page}");
}

#[test]
fn a_request_that_outlives_its_buckets_is_counted_in_the_new_ones() {
    let (old, new, http) = (durations(&[1.0]), durations(&[2.0]), Arc::new(HttpCounts::new()));
    let recording = begin(&old, &http, Some("/"));
    old.replace_by(Arc::clone(&new));
    drop(recording);
    assert_eq!(count(&text(&old), "/", ""), None);
    assert_eq!(count(&text(&new), "/", "").as_deref(), Some("1"));
}

#[test]
fn bounds_that_do_not_rise_make_no_histogram() {
    let bounds = [2.0, 1.0].map(|bound| Positive::try_from(bound).expect("positive"));
    assert!(Durations::try_new(&bounds).is_err());
}

#[test]
fn clients_cannot_make_series() {
    let (durations, http) = (durations(&[1.0]), Arc::new(HttpCounts::new()));
    for n in 0..2000 {
        let route = format!("/{n}");
        let method = Method::of(&http::Method::from_bytes(format!("M{n}").as_bytes()).expect("a method"));
        drop(Recording::new(&durations, &http, Some(&route), method, Moment::now()));
    }
    let series = text(&durations).lines().filter(|line| line.contains("_count{")).count();
    assert_eq!(series, super::super::route::MAX_ROUTES + 1);
}
