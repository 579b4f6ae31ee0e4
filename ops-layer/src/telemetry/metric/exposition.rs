//! The two forms of the page, and which one a client gets.

use http::{header::ACCEPT, HeaderMap};

/// A form of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposition {
    /// The Prometheus text format, version 0.0.4: what every tool reads.
    Prometheus,
    /// `OpenMetrics` 1.0.0: the same numbers, with units, and with exemplars.
    OpenMetrics,
}

/// One of the forms that a client says it takes.
#[derive(Clone, Copy, Debug)]
struct Range<'h> {
    media: &'h str,
    version: Option<&'h str>,
    /// In thousandths.
    quality: u16,
}

impl Exposition {
    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The form that a client prefers by its `Accept` headers. The text format where it does not care, or
    /// takes neither: a person with a browser is better served by a page than by 406. `OpenMetrics` where it
    /// names both alike, because it says more.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Self {
        let texts: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        let ranges: Vec<Range<'_>> = texts.iter().flat_map(|text| text.split(',')).filter_map(Range::read).collect();
        let (open, open_named) = Self::OpenMetrics.quality(&ranges);
        let (plain, plain_named) = Self::Prometheus.quality(&ranges);
        match (open, plain) {
            (1.., _) if open > plain || (open == plain && (open_named, plain_named) >= (true, false)) => {
                Self::OpenMetrics
            }
            _ => Self::Prometheus,
        }
    }

    /// How much a client likes this form, and whether it names it: the closest of its ranges says.
    fn quality(self, ranges: &[Range<'_>]) -> (u16, bool) {
        let (media, group, versions) = match self {
            Self::Prometheus => ("text/plain", "text/*", ["0.0.4"]),
            Self::OpenMetrics => ("application/openmetrics-text", "application/*", ["1.0.0"]),
        };
        let closeness = |range: &Range<'_>| match range.version {
            Some(version) if range.is(media) => versions.contains(&version).then_some(3),
            None if range.is(media) => Some(2),
            None if range.is(group) => Some(1),
            None if range.is("*/*") => Some(0),
            _ => None,
        };
        let closest = ranges.iter().filter_map(|range| Some((closeness(range)?, range.quality))).max();
        closest.map_or((0, false), |(closeness, quality)| (quality, closeness >= 2))
    }
}

impl<'h> Range<'h> {
    fn read(text: &'h str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let mut range = Self { media: parts.next()?, version: None, quality: 1000 };
        for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim() {
                name if name.eq_ignore_ascii_case("q") => range.quality = thousandths(value)?,
                name if name.eq_ignore_ascii_case("version") => range.version = Some(value),
                // Such as `charset` or `escaping`: what we write is within what they may ask for.
                _ => {}
            }
        }
        Some(range)
    }

    fn is(&self, media: &str) -> bool {
        self.media.eq_ignore_ascii_case(media)
    }
}

/// A weight of RFC 9110: 0 to 1 with at most three digits behind the point.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
fn thousandths(text: &str) -> Option<u16> {
    let weight: f64 = text.parse().ok()?;
    (0.0..=1.0).contains(&weight).then(|| (weight * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::Exposition::{self, OpenMetrics, Prometheus};
    use http::{header::ACCEPT, HeaderMap, HeaderValue};

    fn accepted(headers: &[&str]) -> Exposition {
        let values = headers.iter().map(|text| (ACCEPT, HeaderValue::from_str(text).expect("a header")));
        let mut map = HeaderMap::new();
        for (name, value) in values {
            map.append(name, value);
        }
        Exposition::accepted(&map)
    }

    #[test]
    fn a_client_gets_the_form_it_prefers() {
        const TWO: &str =
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        const THREE: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        for (form, headers) in [
            (OpenMetrics, [TWO].as_slice()),
            (OpenMetrics, &[THREE]),
            (OpenMetrics, &["application/openmetrics-text"]),
            (OpenMetrics, &["application/openmetrics-text, text/plain"]),
            (OpenMetrics, &["text/plain;q=0.5", "application/openmetrics-text; Q=0.7; version=\"1.0.0\""]),
            (OpenMetrics, &["application/*"]),
            (OpenMetrics, &["Application/OpenMetrics-Text; version=1.0.0"]),
            (OpenMetrics, &["text/plain;q=0.3, Application/*;q=0.4"]),
            (Prometheus, &["Text/Plain, application/openmetrics-text;q=0.5"]),
            (OpenMetrics, &["text/plain;q=0.3, application/*;q=0.4"]),
            (Prometheus, &[]),
            (Prometheus, &[""]),
            (Prometheus, &["*/*"]),
            (Prometheus, &["application/*;q=0.4, text/*;q=0.4"]),
            (Prometheus, &["text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.8"]),
            (Prometheus, &["application/openmetrics-text;version=0.0.1"]),
            (Prometheus, &["application/openmetrics-text;q=0, */*"]),
            (Prometheus, &["application/openmetrics-text;q=2"]),
            (Prometheus, &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"]),
            (Prometheus, &["image/png"]),
        ] {
            assert_eq!(accepted(headers), form, "{headers:?}");
        }
    }
}
