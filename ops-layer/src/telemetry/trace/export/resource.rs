//! Whose spans these are, in the names of OpenTelemetry's conventions.

use opentelemetry::KeyValue;
use opentelemetry_proto::{tonic::resource::v1::Resource, transform::common::tonic::ResourceAttributesWithSchema};
use opentelemetry_sdk::resource::{Resource as Attributes, TelemetryResourceDetector};
use std::sync::LazyLock;

/// This process among all others, while it lives: a UUID of version 4.
static INSTANCE: LazyLock<String> = LazyLock::new(|| uuid(fastrand::u128(..)));

/// The resource of this process. What a configuration says of it comes in as `said`, and wins.
///
/// Built from nothing: the SDK's own builder reads variables that no file knows of.
pub(super) fn resource(said: impl IntoIterator<Item = KeyValue>) -> Resource {
    let host = rustix::system::uname();
    let attributes = Attributes::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attribute(KeyValue::new("service.instance.id", INSTANCE.as_str()))
        .with_attribute(KeyValue::new("host.name", host.nodename().to_string_lossy().into_owned()))
        .with_attribute(KeyValue::new("process.pid", i64::from(std::process::id())))
        .with_attributes(said)
        .build();
    let attributes = ResourceAttributesWithSchema::from(&attributes).attributes.0;
    Resource { attributes, ..Resource::default() }
}

fn uuid(random: u128) -> String {
    let bits = random & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let digits = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

#[cfg(test)]
mod tests;
