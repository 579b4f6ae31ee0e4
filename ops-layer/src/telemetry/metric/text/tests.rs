use crate::telemetry::metric::{
    Distribution, Exemplar, Exposition::OpenMetrics, Families, MetricBucket, MetricKind, MetricValue, Number, Quantiles,
};
use opentelemetry::trace::{SpanId, TraceId};
use prometheus::{core::Collector, Gauge, Histogram, HistogramOpts, IntCounterVec, Opts};
use std::time::{Duration, UNIX_EPOCH};

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
            "h_bucket{le=\"0.25\"} 0\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 7.5\nh_count 2\n",
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

#[test]
fn in_open_metrics_a_family_has_its_unit_and_a_bucket_its_exemplar() {
    let exemplar = Exemplar {
        trace_id: TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128),
        span_id: SpanId::from(0xb7ad_6b71_6920_3331_u64),
        value: Duration::from_micros(50_250),
        at: UNIX_EPOCH + Duration::from_millis(1_700_000_000_050),
    };
    let bucket = |bound, count, exemplar| MetricBucket { bound, count, exemplar };
    let buckets = vec![bucket(0.25, 1, Some(exemplar)), bucket(1.0, 1, None), bucket(f64::INFINITY, 2, None)];
    let mut families = Families::new();
    let taken = Distribution { buckets, sum: Number::Seconds(Duration::from_nanos(7_050_250_001)) };
    families.histogram("a_seconds", "A \"quoted\" one.").point(&[("k", "v")], taken);
    families.counter("b_seconds_total", "B.").point(&[("k", "a\"b\\c\nd")], 0.5);
    assert_eq!(
        families.page(OpenMetrics),
        concat!(
            "# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n# HELP a_seconds A \\\"quoted\\\" one.\n",
            "a_seconds_bucket{k=\"v\",le=\"0.25\"} 1 # {trace_id=\"0af7651916cd43dd8448eb211c80319c\",",
            "span_id=\"b7ad6b7169203331\"} 0.05025 1700000000.050\n",
            "a_seconds_bucket{k=\"v\",le=\"1.0\"} 1\na_seconds_bucket{k=\"v\",le=\"+Inf\"} 2\n",
            "a_seconds_sum{k=\"v\"} 7.050250001\na_seconds_count{k=\"v\"} 2\n",
            "# TYPE b_seconds counter\n# UNIT b_seconds seconds\n# HELP b_seconds B.\n",
            "b_seconds_total{k=\"a\\\"b\\\\c\\nd\"} 0.5\n",
            "# EOF\n",
        )
    );
    assert!(!families.text().contains("trace_id"), "the older form has no exemplars");
}

#[test]
fn a_counter_that_open_metrics_cannot_name_is_of_unknown_type_there_and_keeps_its_name() {
    let mut families = Families::new();
    families.extend(counted("odd"));
    families.extend(counted("_total"));
    families.extend(counted("x_total"));
    families.extend(Gauge::new("x", "Another.").expect("good").collect());
    let page = families.page(OpenMetrics);
    assert!(page.contains("# TYPE _total unknown\n# HELP _total Odd.\n_total{k=\"v\"} 1\n"), "{page}");
    assert!(page.contains("# TYPE odd unknown\n# HELP odd Odd.\nodd{k=\"v\"} 1\n"), "{page}");
    assert!(page.contains("# TYPE x gauge\n") && page.contains("# TYPE x_total unknown\n"), "{page}");
    assert!(page.ends_with("x_total{k=\"v\"} 1\n# EOF\n"), "{page}");
}

fn counted(name: &str) -> Vec<prometheus::proto::MetricFamily> {
    let counter = IntCounterVec::new(Opts::new(name, "Odd."), &["k"]).expect("good");
    counter.with_label_values(&["v"]).inc();
    counter.collect()
}

#[test]
fn a_histogram_of_what_is_no_number_has_no_sum_in_open_metrics() {
    let histogram = Histogram::with_opts(HistogramOpts::new("h", "H.").buckets(vec![1.0])).expect("good");
    histogram.observe(f64::NAN);
    let mut families = Families::new();
    families.extend(histogram.collect());
    assert!(families.text().contains("h_sum NaN\nh_count 1\n"), "{}", families.text());
    let page = families.page(OpenMetrics);
    assert!(page.ends_with("h_bucket{le=\"+Inf\"} 1\n# EOF\n"), "{page}");
}

#[test]
fn of_values_that_may_be_below_zero_there_is_no_sum_in_open_metrics() {
    let histogram = Histogram::with_opts(HistogramOpts::new("h", "H.").buckets(vec![-1.0, 1.0])).expect("good");
    histogram.observe(0.5);
    let mut families = Families::new();
    families.extend(histogram.collect());
    assert!(families.text().ends_with("h_sum 0.5\nh_count 1\n"), "{}", families.text());
    let page = families.page(OpenMetrics);
    assert!(page.ends_with("h_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 1\n# EOF\n"), "{page}");
}

#[test]
fn a_summary_of_values_below_zero_has_only_its_count_in_open_metrics() {
    for (found, sum, shown) in [
        (-2.0, -3.0, "s_count 2\n"),
        (f64::NAN, f64::NAN, "s{quantile=\"0.5\"} NaN\ns_count 2\n"),
        (2.0, 3.0, "s{quantile=\"0.5\"} 2\ns_sum 3\ns_count 2\n"),
    ] {
        let quantiles = Quantiles { quantiles: vec![(0.5, found)], count: 2, sum: Number::Real(sum) };
        let mut families = Families::new();
        families.family("s", "S.", MetricKind::Summary).point(&[], MetricValue::Quantiles(quantiles));
        let page = families.page(OpenMetrics);
        assert_eq!(page, format!("# TYPE s summary\n# HELP s S.\n{shown}# EOF\n"));
        let plain = format!("s{{quantile=\"0.5\"}} {found}\ns_sum {sum}\ns_count 2\n");
        assert!(families.text().ends_with(&plain), "the older form says all: {}", families.text());
    }
}
