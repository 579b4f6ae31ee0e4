use super::{Durations, WallClock};
use crate::{
    clock::Moment,
    refusal::Refusal,
    telemetry::metric::{
        answer::Answer, http::HttpCounts, recording::Recording, route::Routes, Families, Method, OTHER_ROUTE,
    },
};
use http::StatusCode;
use ops_config::value::Positive;
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    panic::{catch_unwind, resume_unwind},
    sync::{atomic::AtomicBool, atomic::Ordering::Relaxed, mpsc::channel, Arc},
    time::{Duration, UNIX_EPOCH},
};

fn durations(bounds: &[f64]) -> Arc<Durations> {
    let bounds: Vec<_> = bounds.iter().map(|bound| Positive::try_from(*bound).expect("positive")).collect();
    Arc::new(Durations::try_new(&bounds).expect("rising"))
}

/// Counts with these buckets in force.
fn counts(bounds: &[f64]) -> Arc<HttpCounts> {
    let http = HttpCounts::new();
    http.put_in_force(&durations(bounds));
    http
}

fn begin(http: &Arc<HttpCounts>, route: Option<&str>) -> Recording {
    Recording::new(http, route, Method::Get, Moment::now())
}

fn text(http: &HttpCounts) -> String {
    let mut families = Families::new();
    http.describe(&mut families);
    families.text()
}

/// The value of a sample with these labels behind the histogram's name.
fn sample(text: &str, ending: &str, status: &str, route: &str, le: &str) -> Option<String> {
    let le = if le.is_empty() { String::new() } else { format!(",le=\"{le}\"") };
    let labels = format!(
        "{ending}{{http_request_method=\"GET\",http_response_status_code=\"{status}\",http_route=\"{route}\"{le}}} "
    );
    let line =
        text.lines().find_map(|line| line.strip_prefix("http_server_request_duration_seconds")?.strip_prefix(&labels));
    line.map(str::to_owned)
}

fn count(text: &str, route: &str, status: &str) -> Option<String> {
    sample(text, "_count", status, route, "")
}

#[test]
fn a_request_is_counted_under_its_route_and_status_when_it_ends() {
    let http = counts(&[0.1, 1.0]);
    for status in [200, 200, 503] {
        let mut recording = begin(&http, Some("/items/{id}"));
        recording.answered(StatusCode::from_u16(status).expect("a status"));
        assert!(!text(&http).contains(&format!("\"{status}\",http_route=\"/other\"")));
    }
    drop(begin(&http, None));
    let text = text(&http);
    assert_eq!(count(&text, "/items/{id}", "200").as_deref(), Some("2"), "{text}");
    assert_eq!(count(&text, "/items/{id}", "503").as_deref(), Some("1"));
    assert_eq!(count(&text, OTHER_ROUTE, "").as_deref(), Some("1"), "nobody waited for it");
}

#[test]
fn a_refused_request_is_counted_with_its_reason_and_status() {
    let http = counts(&[1.0]);
    begin(&http, Some("/")).refused(&Refusal::Timeout);
    begin(&http, Some("/")).refused(&Refusal::Dropped);
    let page = text(&http);
    assert_eq!(count(&page, "/", "504").as_deref(), Some("1"));
    assert_eq!(count(&page, "/", "").as_deref(), Some("1"), "a dropped connection has no status");
    assert!(page.contains("ops_requests_refused_total{reason=\"timeout\"} 1\n"), "{page}");
    assert!(page.contains("ops_requests_refused_total{reason=\"overloaded\"} 0\n"), "shown before the first");
}

#[test]
fn more_answers_than_a_route_has_places_for_are_counted_all_the_same() {
    let http = counts(&[1.0]);
    for status in (200..300).chain(200..300) {
        begin(&http, Some("/")).answered(StatusCode::from_u16(status).expect("a status"));
    }
    let page = text(&http);
    assert!((200..300).all(|status| count(&page, "/", &status.to_string()).as_deref() == Some("2")), "{page}");
}

#[test]
fn a_request_that_outlives_its_buckets_is_counted_in_the_new_ones() {
    let http = counts(&[1.0]);
    drop(begin(&http, Some("/")));
    let recording = begin(&http, Some("/"));
    http.put_in_force(&durations(&[2.0]));
    drop(recording);
    let page = text(&http);
    assert_eq!(count(&page, "/", "").as_deref(), Some("1"), "the histogram starts anew");
    assert!(page.contains("le=\"2.0\"") && !page.contains("le=\"1.0\""), "{page}");
    assert_eq!(http.answered(), (2, 0), "what the process has answered does not");
}

#[test]
fn failures_are_answers_with_5xx_errors_and_panics() {
    let http = counts(&[1.0]);
    for status in [200, 404, 499, 500, 503, 599] {
        begin(&http, Some("/")).answered(StatusCode::from_u16(status).expect("a status"));
    }
    drop(begin(&http, None));
    assert_eq!(http.answered(), (7, 3), "that nobody waits any more is no failure");
    begin(&http, Some("/")).failed();
    assert_eq!(http.answered(), (8, 4));
    for answered in [false, true] {
        let caught = catch_unwind(|| {
            let mut recording = begin(&http, Some("/"));
            if answered {
                recording.answered(StatusCode::OK);
            }
            resume_unwind(Box::new("on purpose"));
        });
        assert!(caught.is_err());
    }
    assert_eq!(http.answered(), (10, 6), "also where a body panics");
}

#[test]
fn clients_cannot_make_series() {
    let http = counts(&[1.0]);
    for n in 0..2000 {
        let route = format!("/{n}");
        let method = Method::of(&http::Method::from_bytes(format!("M{n}").as_bytes()).expect("a method"));
        drop(Recording::new(&http, Some(&route), method, Moment::now()));
    }
    let series = text(&http).lines().filter(|line| line.contains("_count{")).count();
    assert_eq!(series, super::super::route::MAX_ROUTES + 1);
}

#[test]
fn no_request_is_lost_whichever_thread_it_begins_and_ends_on() {
    const THREADS: u64 = 4;
    const EACH: u64 = 2_500;
    let http = counts(&[0.001]);
    for _ in 0..2 {
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let (sender, receiver) = channel();
                    // Begun here, ended there.
                    let other = scope.spawn(|| receiver.into_iter().for_each(drop::<Recording>));
                    for at in 0..EACH {
                        let recording = begin(&http, Some(["/a", "/b"][usize::from(at % 2 == 0)]));
                        if at % 5 == 0 {
                            sender.send(recording).expect("it listens");
                        }
                    }
                    drop(sender);
                    other.join().expect("no panic");
                });
            }
        });
    }
    let page = text(&http);
    let each = Some((2 * THREADS * EACH / 2).to_string());
    assert_eq!((count(&page, "/a", ""), count(&page, "/b", "")), (each.clone(), each));
    assert_eq!((http.active(), http.answered()), (0, (2 * THREADS * EACH, 0)));
}

/// Requests begin on threads that counted nothing before and end on one that did, while others look.
#[test]
fn a_request_that_is_seen_to_end_was_seen_to_begin() {
    let (http, is_over) = (counts(&[1.0]), AtomicBool::new(false));
    let under_way: Vec<_> = (0..3).map(|_| begin(&http, Some("/"))).collect();
    // So many that a look takes as long as a request.
    let _parts: Vec<_> = (0..20_000).map(|_| http.tallies().lend()).collect();
    let (sender, receiver) = channel::<Recording>();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            drop(begin(&http, None));
            receiver.into_iter().for_each(drop);
            is_over.store(true, Relaxed);
        });
        let (keep, ended): (Vec<_>, Vec<_>) = (0..40).map(|_| channel::<()>()).unzip();
        for ended in ended {
            let (http, sender) = (&http, sender.clone());
            scope.spawn(move || {
                sender.send(begin(http, Some("/"))).expect("it listens");
                // Its part is not for the next one.
                let _ = ended.recv();
            });
            assert!(http.active() >= 3);
        }
        drop((keep, sender));
        while !is_over.load(Relaxed) {
            assert!(http.active() >= 3);
        }
    });
    drop(under_way);
    assert_eq!(http.active(), 0);
}

#[test]
fn a_thread_that_serves_two_programs_counts_for_each() {
    let both = [counts(&[1.0]), counts(&[1.0])];
    let under_way: Vec<_> = (0..10).map(|at| begin(&both[at % 2], Some("/"))).collect();
    assert_eq!(both.each_ref().map(|http| http.active()), [5, 5]);
    drop(under_way);
    assert_eq!(both.each_ref().map(|http| (http.active(), http.answered().0)), [(0, 5), (0, 5)]);
}

#[test]
fn a_request_may_outlive_what_counts_it() {
    let recording = begin(&counts(&[1.0]), Some("/"));
    // This thread's part is the last that holds the counts.
    drop(begin(&counts(&[1.0]), None));
    drop(recording);
}

#[test]
fn a_sum_is_exact_where_a_float_is_not() {
    let sum = super::Number::Seconds(Duration::new(20_000_000, 7));
    assert_eq!(sum.to_string(), "20000000.000000007");
    assert_eq!(super::Number::Seconds(Duration::from_millis(1_500)).to_string(), "1.5");
    assert_eq!(super::Number::Seconds(Duration::from_secs(3)).to_string(), "3");
}

#[test]
fn an_exemplar_keeps_its_time_unless_the_clock_was_set() {
    let durations = durations(&[1.0]);
    let (ended, scraped) = (Moment::from_nanos(5_000_000_000), Moment::from_nanos(9_000_000_000));
    for (shown, told) in [(100_000, 96_000), (100_001, 96_000), (99_960, 96_000), (100_051, 96_051), (90_000, 86_000)] {
        let time = UNIX_EPOCH + Duration::from_millis(shown);
        let at = durations.clock(WallClock::read(time, scraped)).at(ended);
        assert_eq!(at.duration_since(UNIX_EPOCH).expect("later").as_millis(), told, "where the clock shows {shown}");
    }
}

/// As a person would write it.
fn in_seconds(nanos: u64) -> f64 {
    format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000).parse().expect("a number")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_page_is_that_of_a_plain_model(
        bounds in prop::collection::btree_set(1u64..5_000_000_000, 1..30),
        requests in prop::collection::vec((0usize..3, 0usize..3, any::<bool>(), 0u64..6_000_000_000), 0..80),
    ) {
        const ROUTES: [&str; 3] = ["/a", "/b", "/c"];
        let seconds: Vec<f64> = bounds.iter().map(|nanos| in_seconds(*nanos)).collect();
        let (durations, routes) = (durations(&seconds), Routes::new());
        let tables = [0; 3].map(|_| durations.tables().lend());
        let mut model: BTreeMap<(usize, bool), Vec<u64>> = BTreeMap::new();
        for (thread, route, is_bound, nanos) in requests {
            // Every second one falls on a bound.
            let nanos = bounds.range(nanos..).next().filter(|_| is_bound).copied().unwrap_or(nanos);
            let status = is_bound.then_some(StatusCode::OK);
            let (id, answer) = (routes.id(ROUTES[route]), Answer { method: Method::Get, status });
            let bounds = durations.bounds();
            tables[thread].series(id, answer, bounds, |series| series.observe(bounds, nanos, Moment::now(), None));
            model.entry((route, is_bound)).or_default().push(nanos);
        }
        let mut families = Families::new();
        durations.describe(&routes, &mut families);
        let page = families.text();
        prop_assert_eq!(page.matches("_count{").count(), model.len());
        for ((route, is_ok), times) in model {
            let told = |ending, le: &str| sample(&page, ending, if is_ok { "200" } else { "" }, ROUTES[route], le);
            let count = Some(times.len().to_string());
            prop_assert_eq!((told("_count", ""), told("_bucket", "+Inf")), (count.clone(), count));
            let sum = Duration::from_nanos(times.iter().sum());
            let whole = format!("{}.{:09}", sum.as_secs(), sum.subsec_nanos());
            let padded = told("_sum", "").map(|sum| if sum.contains('.') { sum } else { sum + "." });
            prop_assert_eq!(padded.map(|sum| format!("{sum:0<width$}", width = whole.len())), Some(whole));
            for bound in &seconds {
                let up_to = times.iter().filter(|time| in_seconds(**time) <= *bound).count();
                prop_assert_eq!(told("_bucket", &format!("{bound:?}")), Some(up_to.to_string()));
            }
        }
    }
}
