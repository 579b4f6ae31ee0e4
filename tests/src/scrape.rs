//! The numbers of `/metrics`.

use std::collections::{BTreeMap, BTreeSet};

/// One scrape of the Prometheus text format.
#[derive(Clone, Debug)]
pub struct Scrape(Vec<Series>);

#[derive(Clone, Debug)]
struct Series {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Scrape {
    /// Reads the text.
    ///
    /// # Panics
    /// When a line is no series.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(|line| Series::read(line).unwrap_or_else(|| panic!("no series: {line}"))).collect())
    }

    /// The sum of the series of this name that have these labels; none where there is no such series.
    #[must_use]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |series: &&Series| {
            let labelled =
                |(label, value): &(&str, &str)| series.labels.get(*label).is_some_and(|found| found == value);
            series.name == name && labels.iter().all(labelled)
        };
        self.0.iter().filter(has).map(|series| series.value).reduce(|sum, value| sum + value)
    }

    /// As [`Self::value`], zero where there is no such series.
    #[must_use]
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.value(name, labels).unwrap_or(0.0)
    }

    /// Whether it is one.
    #[must_use]
    pub fn is_one(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        self.value(name, labels).is_some_and(|value| (value - 1.0).abs() < f64::EPSILON)
    }

    /// The labels that series of this name have.
    #[must_use]
    pub fn labels(&self, name: &str) -> BTreeSet<&str> {
        let series = self.0.iter().filter(|series| series.name == name);
        series.flat_map(|series| series.labels.keys().map(String::as_str)).collect()
    }

    /// What a label of a name says, where there is one series of that name.
    #[must_use]
    pub fn label(&self, name: &str, label: &str) -> Option<&str> {
        let mut series = self.0.iter().filter(|series| series.name == name);
        let only = series.next().filter(|_| series.next().is_none())?;
        only.labels.get(label).map(String::as_str)
    }
}

impl Series {
    fn read(line: &str) -> Option<Self> {
        let (head, rest) = match line.split_once('{') {
            Some((name, rest)) => {
                let (labels, value) = rest.rsplit_once('}')?;
                (name, (labels, value))
            }
            None => line.split_once(' ').map(|(name, value)| (name, ("", value)))?,
        };
        let (labels, value) = rest;
        let value = value.split_whitespace().next()?.parse().ok()?;
        Some(Self { name: head.to_owned(), labels: read_labels(labels)?, value })
    }
}

fn read_labels(mut rest: &str) -> Option<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    while !rest.is_empty() {
        let (name, quoted) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = quoted.char_indices();
        let end = loop {
            match characters.next()? {
                (_, '\\') => value.push(characters.next()?.1),
                (at, '"') => break at,
                (_, character) => value.push(character),
            }
        };
        labels.insert(name.trim_start_matches(',').to_owned(), value);
        rest = &quoted[end + 1..];
    }
    Some(labels)
}

#[cfg(test)]
mod tests {
    use super::Scrape;

    #[test]
    fn series_are_found_by_name_and_labels() {
        let text = "# HELP a b\na 1\nb{x=\"1\",y=\"a,\\\"b\\\"}\"} 2\nb{x=\"2\"} 3 1700000000\n";
        let scrape = Scrape::new(text);
        assert!(scrape.is_one("a", &[]));
        assert_eq!(scrape.value("b", &[]), Some(5.0));
        assert_eq!(scrape.value("b", &[("y", "a,\"b\"}")]), Some(2.0));
        assert_eq!(scrape.value("b", &[("x", "3")]), None);
        assert_eq!(scrape.label("a", "x"), None);
        assert_eq!(scrape.labels("b"), ["x", "y"].into());
    }
}
