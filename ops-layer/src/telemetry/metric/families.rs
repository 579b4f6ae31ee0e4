//! Metrics as they are at one moment, and their text.

use super::text;
use prometheus::proto::MetricFamily;
use std::collections::{BTreeMap, BTreeSet};

/// Metrics as they are at one moment, sorted by name. A scrape makes one, every part of the
/// process adds what it knows, and [`Families::text`] is the answer.
#[derive(Debug, Default)]
pub struct Families {
    own: BTreeMap<String, Family>,
    registered: BTreeMap<String, MetricFamily>,
}

/// What a metric does over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows; its name ends in `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// One metric with all its points.
#[derive(Debug)]
pub struct Family {
    pub(super) help: &'static str,
    pub(super) kind: MetricKind,
    pub(super) points: Vec<MetricPoint>,
}

/// One value of a metric, told from the others by its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricPoint {
    /// Names and values of the labels, in the order in which they are shown.
    pub labels: Vec<(&'static str, String)>,
    /// The value.
    pub value: MetricValue,
}

/// The value of a point; whole numbers stay exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MetricValue {
    /// A whole number.
    Whole(i128),
    /// Any number.
    Real(f64),
}

macro_rules! whole {
    ($($type:ty),*) => {
        $(impl From<$type> for MetricValue {
            fn from(value: $type) -> Self {
                Self::Whole(i128::from(value))
            }
        })*
    };
}

whole!(u8, u16, u32, u64, i32, i64, bool);

impl From<usize> for MetricValue {
    fn from(value: usize) -> Self {
        Self::Whole(i128::try_from(value).unwrap_or(i128::MAX))
    }
}

impl From<f64> for MetricValue {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl Families {
    /// The media type of [`Self::text`].
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

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

    fn family(&mut self, name: &str, help: &'static str, kind: MetricKind) -> &mut Family {
        self.own.entry(name.to_owned()).or_insert_with(|| Family::new(help, kind))
    }

    /// Adds what a `prometheus` registry or collector holds. Of one name, ours is shown.
    pub fn extend(&mut self, registered: impl IntoIterator<Item = MetricFamily>) {
        self.registered.extend(registered.into_iter().map(|family| (family.name().to_owned(), family)));
    }

    /// The Prometheus text format, version 0.0.4.
    #[must_use]
    pub fn text(&self) -> String {
        let names: BTreeSet<&String> = self.own.keys().chain(self.registered.keys()).collect();
        let mut text = String::new();
        for name in names {
            match (self.own.get(name), self.registered.get(name)) {
                (Some(family), _) => text::own(&mut text, name, family),
                (None, Some(family)) => text::registered(&mut text, name, family),
                (None, None) => {}
            }
        }
        text
    }
}

impl Family {
    const fn new(help: &'static str, kind: MetricKind) -> Self {
        Self { help, kind, points: Vec::new() }
    }

    /// Adds a point.
    pub fn point(&mut self, labels: &[(&'static str, &str)], value: impl Into<MetricValue>) -> &mut Self {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.points.push(MetricPoint { labels, value: value.into() });
        self
    }
}
