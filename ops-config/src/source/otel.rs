//! The standard variables of OpenTelemetry.
//!
//! They are read here and nowhere else, so that what they say stands below the file, is checked and
//! shown like everything else, and has an origin. The general form of a variable comes before the
//! one for traces, which wins as OpenTelemetry has it.

use super::layer::Layer;
use crate::{
    diagnostic::{KeyPath, Origin},
    value::{AttributeName, HeaderName, HttpUrl, Ratio},
};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// What a variable says: values, each under its names within the section.
type Said = Vec<(Vec<String>, Value)>;

/// Takes a variable's text; the words are what was expected where it cannot be used.
type Take = fn(&str) -> Result<Said, &'static str>;

const VARIABLES: [(&str, Take); 11] = [
    ("OTEL_RESOURCE_ATTRIBUTES", attributes),
    ("OTEL_SERVICE_NAME", |text| Ok(one("service_name", text))),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", |text| match text.parse::<HttpUrl>() {
        Ok(_) => Ok(one("otlp_endpoint", text)),
        Err(_) => Err("an http:// or https:// address"),
    }),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", traces_endpoint),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
    ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", protocol),
    ("OTEL_EXPORTER_OTLP_HEADERS", headers),
    ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", headers),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", timeout),
    ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", timeout),
    ("OTEL_TRACES_SAMPLER_ARG", |text| {
        let ratio = text.parse::<f64>().ok().filter(|number| Ratio::try_from(*number).is_ok());
        ratio.map(|ratio| one("sampling_rate", ratio)).ok_or("a number from 0.0 to 1.0")
    }),
];

/// What the standard variables say, and a warning for each that cannot be used. OpenTelemetry asks
/// to ignore those: they may be meant for another program. An empty one is as good as none.
pub(super) fn layer(variables: &[(String, String)]) -> (Layer, Vec<String>) {
    let mut layer = Layer::new("OTEL variables");
    let mut warnings = Vec::new();
    for (name, take) in VARIABLES {
        let Some((_, text)) = variables.iter().rev().find(|(known, _)| known == name) else { continue };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        match take(text) {
            Ok(said) => {
                for (names, value) in said {
                    let names = names.iter().map(String::as_str);
                    let key: KeyPath = std::iter::once("observability").chain(names).collect();
                    layer.say(&key, value, &Origin::Variable(name.to_owned()));
                }
            }
            Err(expected) => warnings.push(format!("{name} is ignored: expected {expected}")),
        }
    }
    (layer, warnings)
}

fn one(key: &str, value: impl Into<Value>) -> Said {
    vec![(vec![key.to_owned()], value.into())]
}

/// Unlike the general one this address is complete, and ours gets the path for traces where it is missing.
fn traces_endpoint(text: &str) -> Result<Said, &'static str> {
    let path = text.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    let is_same = path.is_none_or(|path| path.is_empty() || path.ends_with("v1/traces"));
    if is_same && text.parse::<HttpUrl>().is_ok() {
        Ok(one("otlp_endpoint", text))
    } else {
        Err("an http:// or https:// address whose path, if it has one, ends in /v1/traces")
    }
}

fn protocol(text: &str) -> Result<Said, &'static str> {
    match text {
        "grpc" | "http/protobuf" => Ok(one("otlp_protocol", text)),
        _ => Err("\"grpc\" or \"http/protobuf\""),
    }
}

fn timeout(text: &str) -> Result<Said, &'static str> {
    let millis = text.parse::<u64>().ok().filter(|millis| (100..=60_000).contains(millis));
    millis.map(|millis| one("otlp_timeout", format!("{millis}ms"))).ok_or("milliseconds, 100 to 60000")
}

fn headers(text: &str) -> Result<Said, &'static str> {
    const EXPECTED: &str = "headers such as name=value,other=value, encoded with % where need be";
    let header = |(name, value): (String, String)| {
        let name = name.to_ascii_lowercase();
        let is_printable = !value.is_empty() && value.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        let fits = name.parse::<HeaderName>().is_ok() && is_printable;
        fits.then(|| (vec!["otlp_headers".to_owned(), name], value.into()))
    };
    let headers = pairs(text).and_then(|pairs| pairs.into_iter().map(header).collect());
    headers.ok_or(EXPECTED)
}

/// Two attributes have keys of their own, which more than the traces read.
fn attributes(text: &str) -> Result<Said, &'static str> {
    const EXPECTED: &str = "attributes such as name=value,other=value, encoded with % where need be";
    let attribute = |(name, value): (String, String)| {
        name.parse::<AttributeName>().ok()?;
        let names = match name.as_str() {
            "service.name" => vec!["service_name".to_owned()],
            "deployment.environment.name" => vec!["environment".to_owned()],
            _ => vec!["resource_attributes".to_owned(), name],
        };
        Some((names, value.into()))
    };
    let attributes = pairs(text).and_then(|pairs| pairs.into_iter().map(attribute).collect());
    attributes.ok_or(EXPECTED)
}

/// Names and values as W3C Baggage lists them, without properties. None if one of them cannot be
/// read: part of a list may be worse than none of it.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let decoded = |text: &str| Some(percent_decode_str(text.trim()).decode_utf8().ok()?.into_owned());
    let pair = |entry: &str| {
        let (name, value) = entry.split_once('=')?;
        Some((decoded(name)?, decoded(value)?))
    };
    text.split(',').filter(|entry| !entry.trim().is_empty()).map(pair).collect()
}

#[cfg(test)]
mod tests;
