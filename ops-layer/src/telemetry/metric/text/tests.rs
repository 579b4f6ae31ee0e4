use crate::telemetry::metric::Families;
use prometheus::{core::Collector, Histogram, HistogramOpts, IntCounterVec, Opts};

#[test]
fn the_page_is_what_prometheus_reads() {
    let mut families = Families::new();
    families.counter("b_total", "Second.\nline \\ \"q\"").point(&[("k", "a\"b\\c\nd"), ("l", "ü")], u64::MAX);
    families.gauge("a", "First.").point(&[], 0.5).point(&[("x", "1")], true);
    families.gauge("empty", "Never shown.");
    assert_eq!(
        families.text(),
        concat!(
            "# HELP a First.\n# TYPE a gauge\na 0.5\na{x=\"1\"} 1\n",
            "# HELP b_total Second.\\nline \\\\ \"q\"\n# TYPE b_total counter\n",
            "b_total{k=\"a\\\"b\\\\c\\nd\",l=\"ü\"} 18446744073709551615\n",
        )
    );
}

#[test]
fn a_histogram_has_its_buckets_and_the_last_one() {
    let histogram = Histogram::with_opts(HistogramOpts::new("h", "H.").buckets(vec![0.25, 1.0])).expect("good");
    histogram.observe(0.5);
    histogram.observe(7.0);
    let mut families = Families::new();
    families.extend(histogram.collect());
    assert_eq!(
        families.text(),
        concat!(
            "# HELP h H.\n# TYPE h histogram\n",
            "h_bucket{le=\"0.25\"} 0\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 7.5\nh_count 2\n",
        )
    );
}

#[test]
fn of_one_name_ours_is_shown_and_nothing_twice() {
    let users = IntCounterVec::new(Opts::new("ops_x_total", "Theirs."), &["k"]).expect("good");
    users.with_label_values(&["v"]).inc();
    let mut families = Families::new();
    families.extend(users.collect());
    families.counter("ops_x_total", "Ours.").point(&[], 1u64);
    families.extend(users.collect());
    assert_eq!(families.text(), "# HELP ops_x_total Ours.\n# TYPE ops_x_total counter\nops_x_total 1\n");
}
