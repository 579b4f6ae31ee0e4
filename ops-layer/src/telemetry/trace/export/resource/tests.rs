use super::{resource, uuid, KeyValue};
use crate::telemetry::collector::attribute;

#[test]
fn a_process_is_told_from_all_others() {
    let resource = resource([KeyValue::new("service.name", "shop")]);
    let said = |key: &str| attribute(&resource.attributes, key).unwrap_or_else(|| panic!("{key} in {resource:?}"));
    assert_eq!(said("service.name"), "shop");
    assert_eq!(said("process.pid"), std::process::id().to_string());
    assert_eq!(said("telemetry.sdk.language"), "rust");
    assert_eq!(said("telemetry.sdk.name"), "opentelemetry");
    assert!(!said("telemetry.sdk.version").is_empty() && !said("host.name").is_empty());
    assert_eq!(said("service.instance.id").len(), 36);
    let own = super::resource(["a", "b"].map(|id| KeyValue::new("service.instance.id", id)));
    assert_eq!(attribute(&own.attributes, "service.instance.id").as_deref(), Some("b"), "what is said last wins");
    assert_eq!(super::resource([]).attributes.len(), resource.attributes.len() - 1, "and nothing else");
}

#[test]
fn the_id_of_an_instance_is_a_uuid_of_version_four() {
    assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
    assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}
