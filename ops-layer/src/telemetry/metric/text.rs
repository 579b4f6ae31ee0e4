//! The Prometheus text format, version 0.0.4.
//!
//! Own, because the `prometheus` crate's encoder gives up on the whole page at the
//! first family it does not like, and panics on an untyped one; a user's odd
//! collector must not take the page down.

use super::families::{Family, MetricKind, MetricValue};
use prometheus::proto::{LabelPair, Metric, MetricFamily, MetricType};
use std::fmt::{self, Display, Write};

pub(super) fn own(text: &mut String, name: &str, family: &Family) {
    if family.points.is_empty() {
        return;
    }
    let kind = match family.kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
    };
    head(text, name, family.help, kind);
    for point in &family.points {
        let labels = point.labels.iter().map(|(name, value)| (*name, value.as_str()));
        match point.value {
            MetricValue::Whole(value) => sample(text, name, "", labels, value),
            MetricValue::Real(value) => sample(text, name, "", labels, Number(value)),
        }
    }
}

pub(super) fn registered(text: &mut String, name: &str, family: &MetricFamily) {
    if family.get_metric().is_empty() {
        return;
    }
    let kind = match family.get_field_type() {
        MetricType::COUNTER => "counter",
        MetricType::GAUGE => "gauge",
        MetricType::HISTOGRAM => "histogram",
        MetricType::SUMMARY => "summary",
        // Its value cannot be read through the crate's interface.
        MetricType::UNTYPED => return,
    };
    head(text, name, family.help(), kind);
    for metric in family.get_metric() {
        match family.get_field_type() {
            MetricType::COUNTER => sample(text, name, "", pairs(metric), Number(metric.get_counter().get_value())),
            MetricType::GAUGE => sample(text, name, "", pairs(metric), Number(metric.get_gauge().get_value())),
            MetricType::HISTOGRAM => histogram(text, name, metric),
            MetricType::SUMMARY => summary(text, name, metric),
            MetricType::UNTYPED => {}
        }
    }
}

fn histogram(text: &mut String, name: &str, metric: &Metric) {
    let histogram = metric.get_histogram();
    for bucket in histogram.get_bucket().iter().filter(|bucket| bucket.upper_bound() < f64::INFINITY) {
        let bound = Number(bucket.upper_bound()).to_string();
        let labels = pairs(metric).chain([("le", bound.as_str())]);
        sample(text, name, "_bucket", labels, bucket.cumulative_count());
    }
    let labels = pairs(metric).chain([("le", "+Inf")]);
    sample(text, name, "_bucket", labels, histogram.get_sample_count());
    sample(text, name, "_sum", pairs(metric), Number(histogram.get_sample_sum()));
    sample(text, name, "_count", pairs(metric), histogram.get_sample_count());
}

fn summary(text: &mut String, name: &str, metric: &Metric) {
    let summary = metric.get_summary();
    for quantile in summary.get_quantile() {
        let at = Number(quantile.quantile()).to_string();
        sample(text, name, "", pairs(metric).chain([("quantile", at.as_str())]), Number(quantile.value()));
    }
    sample(text, name, "_sum", pairs(metric), Number(summary.sample_sum()));
    sample(text, name, "_count", pairs(metric), summary.sample_count());
}

fn pairs(metric: &Metric) -> impl Iterator<Item = (&str, &str)> {
    metric.get_label().iter().map(|pair: &LabelPair| (pair.name(), pair.value()))
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    // Writing to a text cannot fail; so throughout.
    let _ = writeln!(text, "# HELP {name} {}", Escaped(help, false));
    let _ = writeln!(text, "# TYPE {name} {kind}");
}

fn sample<'l>(
    text: &mut String,
    name: &str,
    ending: &str,
    labels: impl Iterator<Item = (&'l str, &'l str)>,
    value: impl Display,
) {
    let _ = write!(text, "{name}{ending}");
    let mut open = '{';
    for (label, value) in labels {
        let _ = write!(text, "{open}{label}=\"{}\"", Escaped(value, true));
        open = ',';
    }
    let _ = writeln!(text, "{} {value}", if open == ',' { "}" } else { "" });
}

/// A text with its line breaks and backslashes escaped, and its quotes where it stands in quotes.
struct Escaped<'t>(&'t str, bool);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, quoted) = *self;
        for part in text.split_inclusive(['\\', '\n', '"']) {
            let (plain, last) = part.split_at(part.len() - usize::from(part.ends_with(['\\', '\n', '"'])));
            f.write_str(plain)?;
            match last {
                "\\" => f.write_str("\\\\")?,
                "\n" => f.write_str("\\n")?,
                "\"" if quoted => f.write_str("\\\"")?,
                rest => f.write_str(rest)?,
            }
        }
        Ok(())
    }
}

/// A number as Prometheus writes it.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            f64::INFINITY => f.write_str("+Inf"),
            f64::NEG_INFINITY => f.write_str("-Inf"),
            number => number.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
