//! `--set key=value`.

use super::{broken, coerce, layer::Layer};
use crate::diagnostic::{Code, KeyPath, Origin, Violation};
use serde_json::Value;

/// What `--set` says; the last one of a key holds.
pub(super) fn layer(set: &[(String, String)]) -> (Layer, Vec<Violation>) {
    let mut layer = Layer::new("--set");
    let mut violations = Vec::new();
    for (name, text) in set {
        let origin = Origin::Set(name.clone());
        let Some(key) = broken::dotted(name).map(|parts| parts.into_iter().collect::<KeyPath>()) else {
            violations.push(malformed(name, origin));
            continue;
        };
        layer.unsayable.remove(&key);
        match coerce::value(unquoted(text), &key) {
            Ok(value) => layer.say(&key, value, &origin),
            Err(written) => {
                layer.say(&key, Value::Null, &origin);
                layer.unsayable.insert(key, written);
            }
        }
    }
    (layer, violations)
}

/// The text without the quotes that TOML would need around it, which people write here too.
fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.filter(|inner| !inner.contains(['"', '\\'])).unwrap_or(text)
}

fn malformed(name: &str, origin: Origin) -> Violation {
    Violation {
        code: Code::MalformedKey,
        key: KeyPath::root(),
        origin,
        found: Some(format!("{name:?} is not a key")),
        expected: "names with dots between them".to_owned(),
        help: Some("write it as in --set limits.max_in_flight=100".to_owned()),
        notes: Vec::new(),
    }
}
