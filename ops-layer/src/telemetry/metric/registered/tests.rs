use crate::telemetry::metric::Families;
use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType, Quantile, Summary,
};

fn label(name: &str, value: &str) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}

fn counter(value: f64, labels: Vec<LabelPair>) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(value);
    let mut metric = Metric::from_label(labels);
    metric.set_counter(counter);
    metric
}

fn gauge(value: f64) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    let mut metric = Metric::default();
    metric.set_gauge(gauge);
    metric
}

fn histogram(buckets: &[(f64, u64)], count: u64) -> Metric {
    let buckets = buckets.iter().map(|(bound, count)| {
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(*bound);
        bucket.set_cumulative_count(*count);
        bucket
    });
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(count);
    let mut metric = Metric::default();
    metric.set_histogram(histogram);
    metric
}

fn summary(quantiles: &[f64]) -> Metric {
    let quantiles = quantiles.iter().map(|at| {
        let mut quantile = Quantile::default();
        quantile.set_quantile(*at);
        quantile
    });
    let mut summary = Summary::default();
    summary.set_quantile(quantiles.collect());
    let mut metric = Metric::default();
    metric.set_summary(summary);
    metric
}

/// The samples that are shown of a family, comments left out.
fn shown(name: &str, kind: MetricType, metrics: Vec<Metric>) -> String {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_field_type(kind);
    family.set_metric(metrics);
    let mut families = Families::new();
    families.extend([family]);
    let text = families.text();
    text.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn what_is_no_name_is_left_out() {
    let one = || vec![counter(1.0, vec![])];
    for name in ["", "1a", "a-b", "a b", "ä", "a{b=\"c\"} 1\nd"] {
        assert_eq!(shown(name, MetricType::COUNTER, one()), "", "{name}");
    }
    assert_eq!(shown(":a_1:b", MetricType::COUNTER, one()), ":a_1:b 1\n");
    for name in ["", "1a", "a:b", "a-b", "__name__", "__a"] {
        assert_eq!(shown("a", MetricType::COUNTER, vec![counter(1.0, vec![label(name, "v")])]), "", "{name}");
    }
    assert_eq!(shown("a", MetricType::COUNTER, vec![counter(1.0, vec![label("_a", "v")])]), "a{_a=\"v\"} 1\n");
}

#[test]
fn a_point_is_shown_once_and_a_label_is_named_once() {
    let twice = [("k", "1"), ("l", "2")].map(|(name, value)| label(name, value)).to_vec();
    let turned = twice.iter().rev().cloned().collect();
    let page = shown("a", MetricType::COUNTER, vec![counter(1.0, twice), counter(2.0, turned)]);
    assert_eq!(page, "a{k=\"1\",l=\"2\"} 1\n");
    let same = vec![label("k", "1"), label("k", "2")];
    assert_eq!(shown("a", MetricType::COUNTER, vec![counter(1.0, same)]), "");
    let ours = Metric::from_label(vec![label("le", "1")]);
    assert_eq!(shown("a", MetricType::HISTOGRAM, vec![ours]), "", "the label of a bucket is ours to set");
}

#[test]
fn what_no_count_can_be_is_left_out() {
    let counters = [f64::NAN, -1.0, 2.0].map(|value| counter(value, vec![label("k", &value.to_string())]));
    assert_eq!(shown("a", MetricType::COUNTER, counters.to_vec()), "a{k=\"2\"} 2\n");
    assert_eq!(shown("a", MetricType::GAUGE, vec![gauge(f64::NAN)]), "a NaN\n", "a gauge may be anything");
    assert_eq!(shown("a", MetricType::GAUGE, vec![gauge(f64::NEG_INFINITY)]), "a -Inf\n");
    for (buckets, count) in [
        ([(1.0, 5), (2.0, 4)].as_slice(), 9),
        (&[(2.0, 1), (1.0, 2)], 3),
        (&[(1.0, 1), (1.0, 1)], 1),
        (&[(1.0, 2)], 1),
        (&[(f64::NAN, 1)], 1),
    ] {
        assert_eq!(shown("a", MetricType::HISTOGRAM, vec![histogram(buckets, count)]), "", "{buckets:?}");
    }
    let page = shown("a", MetricType::HISTOGRAM, vec![histogram(&[(1.0, 1), (f64::INFINITY, 2)], 2)]);
    assert_eq!(page, "a_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 2\na_sum 0\na_count 2\n");
    assert_eq!(shown("a", MetricType::SUMMARY, vec![summary(&[0.5, 1.5])]), "");
    assert_eq!(shown("a", MetricType::SUMMARY, vec![summary(&[0.5])]), "a{quantile=\"0.5\"} 0\na_sum 0\na_count 0\n");
}

#[test]
fn what_would_stand_under_the_name_of_another_is_left_out() {
    let mut families = Families::new();
    families.gauge("a_count", "Ours.").point(&[], 1u8);
    let mut family = MetricFamily::default();
    family.set_name("a".to_owned());
    family.set_field_type(MetricType::HISTOGRAM);
    family.set_metric(vec![histogram(&[], 5)]);
    families.extend([family]);
    assert_eq!(families.text(), "# HELP a_count Ours.\n# TYPE a_count gauge\na_count 1\n");
}
