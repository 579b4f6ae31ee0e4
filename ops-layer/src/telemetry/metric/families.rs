//! Metrics as they are at one moment, and the pages that show them.

use super::{
    distribution::{Distribution, Quantiles},
    exposition::Exposition,
    registered, text,
};
use prometheus::proto::MetricFamily;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Metrics as they are at one moment, sorted by name. A scrape makes one, every part of the
/// process adds what it knows, and [`Families::page`] is the answer.
#[derive(Debug, Default)]
pub struct Families {
    own: BTreeMap<String, Family>,
    registered: BTreeMap<String, Family>,
}

/// What a metric does over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows; its name ends in `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Values counted in buckets.
    Histogram,
    /// Quantiles of values, worked out in the process.
    Summary,
}

/// One metric with all its points.
#[derive(Debug)]
pub struct Family {
    pub(super) help: Cow<'static, str>,
    pub(super) kind: MetricKind,
    pub(super) points: Vec<MetricPoint>,
}

/// One value of a metric, told from the others by its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricPoint {
    /// Names and values of the labels, in the order in which they are shown.
    pub labels: Vec<(Cow<'static, str>, String)>,
    /// The value.
    pub value: MetricValue,
}

/// The value of a point.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricValue {
    /// Of a counter or a gauge.
    Number(Number),
    /// Of a histogram.
    Distribution(Distribution),
    /// Of a summary.
    Quantiles(Quantiles),
}

/// A number; whole ones and times stay exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Whole(i128),
    /// Any number.
    Real(f64),
    /// A time, shown in seconds.
    Seconds(Duration),
}

macro_rules! whole {
    ($($type:ty),*) => {
        $(impl From<$type> for MetricValue {
            fn from(value: $type) -> Self {
                Self::Number(Number::Whole(i128::from(value)))
            }
        })*
    };
}

whole!(u8, u16, u32, u64, i32, i64, bool);

impl From<usize> for MetricValue {
    fn from(value: usize) -> Self {
        Self::Number(Number::Whole(i128::try_from(value).unwrap_or(i128::MAX)))
    }
}

impl From<f64> for MetricValue {
    fn from(value: f64) -> Self {
        Self::Number(Number::Real(value))
    }
}

impl From<Distribution> for MetricValue {
    fn from(value: Distribution) -> Self {
        Self::Distribution(value)
    }
}

impl Families {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A metric that only grows.
    pub fn counter(&mut self, name: &str, help: &'static str) -> &mut Family {
        self.family(name, help, MetricKind::Counter)
    }

    /// A metric that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &'static str) -> &mut Family {
        self.family(name, help, MetricKind::Gauge)
    }

    /// A metric whose points are [`Distribution`]s.
    pub fn histogram(&mut self, name: &str, help: &'static str) -> &mut Family {
        self.family(name, help, MetricKind::Histogram)
    }

    pub(super) fn family(&mut self, name: &str, help: &'static str, kind: MetricKind) -> &mut Family {
        self.own.entry(name.to_owned()).or_insert_with(|| Family { help: help.into(), kind, points: Vec::new() })
    }

    /// Adds what a `prometheus` registry or collector holds. Of one name, ours is shown. What no
    /// page could show is left out: names that are none, points that are there already, counters and
    /// buckets that no count can have, and the untyped, whose value the crate does not tell.
    pub fn extend(&mut self, registered: impl IntoIterator<Item = MetricFamily>) {
        for (name, family) in registered.into_iter().filter_map(|family| registered::read(&family)) {
            self.registered.entry(name).or_insert(family);
        }
    }

    /// The text that a scrape gets.
    #[must_use]
    pub fn page(&self, exposition: Exposition) -> String {
        text::page(&self.shown(), exposition)
    }

    /// The Prometheus text format, version 0.0.4.
    #[must_use]
    pub fn text(&self) -> String {
        self.page(Exposition::Prometheus)
    }

    /// What is shown, by name. A registered one whose samples would go by the name of another's is not:
    /// what a program registers must not make our own numbers unreadable.
    fn shown(&self) -> BTreeMap<&str, &Family> {
        let (mut shown, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for (name, family) in self.own.iter().chain(&self.registered) {
            let samples = family.sample_names(name);
            if !family.points.is_empty() && samples.iter().all(|sample| !taken.contains(sample)) {
                taken.extend(samples);
                shown.insert(name.as_str(), family);
            }
        }
        shown
    }
}

impl Family {
    /// Adds a point.
    pub fn point(&mut self, labels: &[(&'static str, &str)], value: impl Into<MetricValue>) -> &mut Self {
        let labels = labels.iter().map(|(name, value)| ((*name).into(), (*value).to_owned())).collect();
        self.points.push(MetricPoint { labels, value: value.into() });
        self
    }

    fn sample_names(&self, name: &str) -> Vec<String> {
        let endings: &[&str] = match self.kind {
            MetricKind::Counter | MetricKind::Gauge => &[""],
            MetricKind::Histogram => &["", "_bucket", "_sum", "_count"],
            MetricKind::Summary => &["", "_sum", "_count"],
        };
        endings.iter().map(|ending| format!("{name}{ending}")).collect()
    }
}
