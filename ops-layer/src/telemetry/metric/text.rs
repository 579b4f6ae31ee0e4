//! The page as text, in both of its forms.
//!
//! Own, because the `prometheus` crate's encoder gives up on the whole page at the first family
//! it does not like, knows no `OpenMetrics`, and has no exemplars.
//!
//! A series has the same name and labels in both forms, so that nothing changes in a database when
//! a scraper is told to prefer the other: bounds are written `le="1.0"` in both, as `OpenMetrics`
//! wants them, and a counter whose name does not end in `_total` is of unknown type there.

use super::{
    distribution::{Distribution, Exemplar, Quantiles},
    exposition::Exposition,
    families::{Family, MetricKind, MetricPoint, MetricValue, Number},
};
use std::{
    collections::BTreeMap,
    fmt::{self, Display, Write},
    time::SystemTime,
};

/// Endings of names that say a unit; `OpenMetrics` wants it said once more.
const UNITS: [&str; 5] = ["seconds", "bytes", "ratio", "celsius", "joules"];

pub(super) fn page(families: &BTreeMap<&str, &Family>, exposition: Exposition) -> String {
    let mut text = String::new();
    match exposition {
        Exposition::Prometheus => {
            for (name, family) in families {
                plain_head(&mut text, name, family);
                samples(&mut text, name, family, exposition);
            }
        }
        Exposition::OpenMetrics => {
            for (name, family) in families {
                // Its name without the ending must be one, and not another's.
                let base = name.strip_suffix("_total");
                let base = base.filter(|base| !base.is_empty() && !families.contains_key(base));
                open_head(&mut text, name, family, base);
                samples(&mut text, name, family, exposition);
            }
            text.push_str("# EOF\n");
        }
    }
    text
}

// Writing to a text cannot fail, throughout.

fn plain_head(text: &mut String, name: &str, family: &Family) {
    let _ = writeln!(text, "# HELP {name} {}", Escaped(&family.help, false));
    let _ = writeln!(text, "# TYPE {name} {}", family.kind.as_str());
}

fn open_head(text: &mut String, name: &str, family: &Family, base: Option<&str>) {
    let (name, kind) = match (family.kind, base) {
        (MetricKind::Counter, Some(base)) => (base, "counter"),
        (MetricKind::Counter, None) => (name, "unknown"),
        (kind, _) => (name, kind.as_str()),
    };
    let _ = writeln!(text, "# TYPE {name} {kind}");
    let unit = UNITS.into_iter().find(|unit| name.strip_suffix(unit).is_some_and(|rest| rest.ends_with('_')));
    if let Some(unit) = unit {
        let _ = writeln!(text, "# UNIT {name} {unit}");
    }
    let _ = writeln!(text, "# HELP {name} {}", Escaped(&family.help, true));
}

fn samples(text: &mut String, name: &str, family: &Family, exposition: Exposition) {
    for point in &family.points {
        match &point.value {
            MetricValue::Number(number) => sample(text, name, "", point, None, number, None),
            MetricValue::Distribution(value) => distribution(text, name, point, value, exposition),
            MetricValue::Quantiles(value) => quantiles(text, name, point, value, exposition),
        }
    }
}

fn distribution(text: &mut String, name: &str, point: &MetricPoint, value: &Distribution, exposition: Exposition) {
    let is_open = exposition == Exposition::OpenMetrics;
    for bucket in &value.buckets {
        let exemplar = bucket.exemplar.as_ref().filter(|_| is_open);
        sample(text, name, "_bucket", point, Some(("le", bucket.bound)), bucket.count, exemplar);
    }
    // Where values may be below zero or are not numbers there is no sum in OpenMetrics, and no count without one.
    let is_of_counter = value.sum.is_of_counter() && value.buckets.iter().all(|bucket| bucket.bound >= 0.0);
    if !is_open || is_of_counter {
        sample(text, name, "_sum", point, None, value.sum, None);
        sample(text, name, "_count", point, None, value.count(), None);
    }
}

fn quantiles(text: &mut String, name: &str, point: &MetricPoint, value: &Quantiles, exposition: Exposition) {
    let is_open = exposition == Exposition::OpenMetrics;
    // OpenMetrics knows no summary of values below zero: what tells of them is left out, the count is not.
    for (at, found) in value.quantiles.iter().filter(|(_, found)| !is_open || found.is_nan() || *found >= 0.0) {
        sample(text, name, "", point, Some(("quantile", *at)), Number::Real(*found), None);
    }
    if !is_open || value.sum.is_of_counter() {
        sample(text, name, "_sum", point, None, value.sum, None);
    }
    sample(text, name, "_count", point, None, value.count, None);
}

fn sample(
    text: &mut String,
    name: &str,
    ending: &str,
    point: &MetricPoint,
    bound: Option<(&str, f64)>,
    value: impl Display,
    exemplar: Option<&Exemplar>,
) {
    let _ = write!(text, "{name}{ending}");
    let mut open = '{';
    for (label, value) in &point.labels {
        let _ = write!(text, "{open}{label}=\"{}\"", Escaped(value, true));
        open = ',';
    }
    if let Some((label, bound)) = bound {
        let _ = write!(text, "{open}{label}=\"{}\"", Canonical(bound));
        open = ',';
    }
    let _ = write!(text, "{} {value}", if open == ',' { "}" } else { "" });
    if let Some(exemplar) = exemplar {
        let _ = write!(text, " # {exemplar}");
    }
    text.push('\n');
}

impl MetricKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }
}

impl Number {
    fn is_of_counter(self) -> bool {
        !matches!(self, Self::Real(real) if real.is_nan() || real < 0.0)
    }
}

impl Display for Number {
    /// As Prometheus writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Whole(whole) => whole.fmt(f),
            Self::Real(f64::INFINITY) => f.write_str("+Inf"),
            Self::Real(f64::NEG_INFINITY) => f.write_str("-Inf"),
            Self::Real(real) => real.fmt(f),
            Self::Seconds(time) => {
                let nanos = format!("{:09}", time.subsec_nanos());
                let digits = nanos.trim_end_matches('0');
                write!(f, "{}{}{digits}", time.as_secs(), if digits.is_empty() { "" } else { "." })
            }
        }
    }
}

/// A number within a label, of which there must be one spelling: `1.0`, `0.005`, `+Inf`.
struct Canonical(f64);

impl Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            f64::INFINITY => f.write_str("+Inf"),
            bound => write!(f, "{bound:?}"),
        }
    }
}

impl Display for Exemplar {
    /// As it stands behind a sample.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let Self { trace_id, span_id, value, .. } = self;
        write!(f, "{{trace_id=\"{trace_id}\",span_id=\"{span_id}\"}} {} ", Number::Seconds(*value))?;
        write!(f, "{}.{:03}", at.as_secs(), at.subsec_millis())
    }
}

/// A text with its line breaks and backslashes escaped, and its quotes where they are as well.
struct Escaped<'t>(&'t str, bool);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, quotes) = *self;
        for part in text.split_inclusive(['\\', '\n', '"']) {
            let (plain, last) = part.split_at(part.len() - usize::from(part.ends_with(['\\', '\n', '"'])));
            f.write_str(plain)?;
            match last {
                "\\" => f.write_str("\\\\")?,
                "\n" => f.write_str("\\n")?,
                "\"" if quotes => f.write_str("\\\"")?,
                rest => f.write_str(rest)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
