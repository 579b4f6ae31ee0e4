//! The standard variables of OpenTelemetry.

use super::layer::Layer;
use crate::{
    diagnostic::{KeyPath, Origin},
    value::{HttpUrl, Ratio},
};
use serde_json::Value;

/// Takes a variable's text; the words are what was expected where it cannot be used.
type Take = fn(&str) -> Result<Value, &'static str>;

const VARIABLES: [(&str, &str, Take); 4] = [
    ("OTEL_SERVICE_NAME", "service_name", |text| Ok(text.into())),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp_endpoint", |text| match text.parse::<HttpUrl>() {
        Ok(_) => Ok(text.into()),
        Err(_) => Err("an http:// or https:// address"),
    }),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "otlp_protocol", |text| match text {
        "grpc" | "http/protobuf" => Ok(text.into()),
        _ => Err("\"grpc\" or \"http/protobuf\""),
    }),
    ("OTEL_TRACES_SAMPLER_ARG", "sampling_rate", |text| {
        let ratio = text.parse::<f64>().ok().filter(|number| Ratio::try_from(*number).is_ok());
        ratio.map(Value::from).ok_or("a number from 0.0 to 1.0")
    }),
];

/// What the standard variables say, and a warning for each that cannot be used. OpenTelemetry asks
/// to ignore those: they may be meant for another program. An empty one is as good as none.
pub(super) fn layer(variables: &[(String, String)]) -> (Layer, Vec<String>) {
    let mut layer = Layer::new("OTEL variables");
    let mut warnings = Vec::new();
    for (name, key, take) in VARIABLES {
        let Some((_, text)) = variables.iter().rev().find(|(known, _)| known == name) else { continue };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        match take(text) {
            Ok(value) => {
                let key: KeyPath = ["observability", key].into_iter().collect();
                layer.say(&key, value, &Origin::Variable(name.to_owned()));
            }
            Err(expected) => warnings.push(format!("{name} is ignored: expected {expected}")),
        }
    }
    (layer, warnings)
}
