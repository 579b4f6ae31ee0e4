//! What the program registered, as far as a page can show it.
//!
//! A collector is a stranger's code and may yield anything. One line that is no metric makes
//! Prometheus refuse the whole page, and with it every number of ours, so what would do that
//! is left out here, before there is a page.

use super::{
    distribution::{Distribution, MetricBucket, Quantiles},
    families::{Family, MetricKind, MetricPoint, MetricValue, Number},
};
use prometheus::proto::{Histogram, Metric, MetricFamily, MetricType, Summary};
use std::{borrow::Cow, collections::BTreeSet};

/// A family with its name; none where nothing of it can be shown.
pub(super) fn read(family: &MetricFamily) -> Option<(String, Family)> {
    let kind = match family.get_field_type() {
        MetricType::COUNTER => MetricKind::Counter,
        MetricType::GAUGE => MetricKind::Gauge,
        MetricType::HISTOGRAM => MetricKind::Histogram,
        MetricType::SUMMARY => MetricKind::Summary,
        // Its value cannot be read through the crate's interface.
        MetricType::UNTYPED => return None,
    };
    let name = family.name();
    if !is_name(name, |first| first == ':' || first == '_' || first.is_ascii_alphabetic()) {
        return None;
    }
    let mut known = BTreeSet::new();
    let points = family.get_metric().iter().filter_map(|metric| {
        let point = MetricPoint { labels: labels(metric, kind)?, value: value(metric, kind)? };
        // In any order they are the same labels.
        let mut key = point.labels.clone();
        key.sort();
        known.insert(key).then_some(point)
    });
    let points = points.collect();
    Some((name.to_owned(), Family { help: Cow::Owned(family.help().to_owned()), kind, points }))
}

fn is_name(text: &str, may_begin: impl Fn(char) -> bool) -> bool {
    text.starts_with(&may_begin) && text.chars().all(|letter| may_begin(letter) || letter.is_ascii_digit())
}

fn labels(metric: &Metric, kind: MetricKind) -> Option<Vec<(Cow<'static, str>, String)>> {
    let ours = match kind {
        MetricKind::Histogram => "le",
        MetricKind::Summary => "quantile",
        MetricKind::Counter | MetricKind::Gauge => "",
    };
    let mut names = BTreeSet::new();
    let pairs = metric.get_label().iter().map(|pair| (pair.name(), pair.value()));
    let good = pairs.map(|(name, value)| {
        let begins = |first: char| first == '_' || first.is_ascii_alphabetic();
        // Prometheus keeps names that begin so for itself: `__name__` would name the series once more.
        let is_good = is_name(name, begins) && !name.starts_with("__") && name != ours && names.insert(name);
        is_good.then(|| (Cow::Owned(name.to_owned()), value.to_owned()))
    });
    good.collect()
}

fn value(metric: &Metric, kind: MetricKind) -> Option<MetricValue> {
    match kind {
        MetricKind::Counter => {
            let count = metric.get_counter().get_value();
            (count >= 0.0).then(|| count.into())
        }
        MetricKind::Gauge => Some(metric.get_gauge().get_value().into()),
        MetricKind::Histogram => distribution(metric.get_histogram()).map(MetricValue::Distribution),
        MetricKind::Summary => quantiles(metric.get_summary()).map(MetricValue::Quantiles),
    }
}

fn distribution(histogram: &Histogram) -> Option<Distribution> {
    let bucket = |bound, count| MetricBucket { bound, count, exemplar: None };
    let told = histogram.get_bucket().iter().map(|told| bucket(told.upper_bound(), told.cumulative_count()));
    let mut buckets: Vec<_> = told.filter(|bucket| bucket.bound.total_cmp(&f64::INFINITY).is_ne()).collect();
    buckets.push(bucket(f64::INFINITY, histogram.get_sample_count()));
    let rises = |pair: &[MetricBucket]| pair[0].bound < pair[1].bound && pair[0].count <= pair[1].count;
    let sum = Number::Real(histogram.get_sample_sum());
    buckets.windows(2).all(rises).then_some(Distribution { buckets, sum })
}

fn quantiles(summary: &Summary) -> Option<Quantiles> {
    let quantiles: Vec<_> =
        summary.get_quantile().iter().map(|quantile| (quantile.quantile(), quantile.value())).collect();
    let rise = quantiles.windows(2).all(|pair| pair[0].0 < pair[1].0);
    let are_shares = quantiles.iter().all(|(at, _)| (0.0..=1.0).contains(at));
    let (count, sum) = (summary.sample_count(), Number::Real(summary.sample_sum()));
    (rise && are_shares).then_some(Quantiles { quantiles, count, sum })
}

#[cfg(test)]
mod tests;
