//! Any JSON as a whole document: Property 20 from the other side.

use ops_config::{schema::validator, section::OpsConfig};
use serde::Deserialize;
use serde_json::Value;

/// The schema accepts what serde decodes, and the other way round; but for what TOML files never
/// hold or serde alone would take: `null`, and a table written as the list of its values.
pub fn judge(data: &[u8]) {
    let Ok(document) = serde_json::from_slice::<Value>(data) else { return };
    let (schema, serde) = (validator().is_valid(&document), OpsConfig::deserialize(&document));
    if schema {
        assert!(serde.is_ok(), "the schema takes it, serde says {:?}", serde.err());
    } else if comparable("", &document) {
        let faults: Vec<_> = validator().iter_errors(&document).map(|fault| fault.to_string()).collect();
        assert!(serde.is_err(), "serde takes it, the schema says {faults:?}");
    }
}

const LISTS: [&str; 6] = ["environments", "failure_statuses", "groups", "latency_buckets", "routes", "sampling_rules"];

/// Whether there is no `null` in it, and no list but where there are lists.
fn comparable(key: &str, value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => LISTS.contains(&key) && items.iter().all(|item| comparable("", item)),
        Value::Object(table) => table.iter().all(|(key, value)| comparable(key, value)),
        _ => true,
    }
}
