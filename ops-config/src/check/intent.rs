//! What was meant by a value that its key does not take, where that can be told from the value.
//!
//! Lengths of time without a unit, shares in percent, a port without an address: people write what
//! other programs take. Only what would be right as it is proposed is said.

use super::fix;
use crate::{
    diagnostic::{KeyPath, Origin, Segment},
    schema::{self, ValueType},
};
use serde_json::{json, Value};

/// What to write, if it is clear what was meant. Nothing secret comes here.
pub(super) fn of(found: &Value, key: &KeyPath, origin: &Origin, schema: &'static Value) -> Option<String> {
    let write = |value: &Value| fix::write(key, origin, &value.to_string());
    match (schema::value_type(schema)?, found) {
        (ValueType::Object, Value::Array(items)) if items.iter().all(Value::is_object) => Some(if named(schema) {
            format!("write [{key}.NAME] for each, with a name of your own")
        } else {
            format!("write [{key}], with one pair of brackets")
        }),
        (ValueType::Object, _) => table(key, schema),
        (ValueType::Array, Value::Object(_)) if schema::child(schema, &Value::Null, &Segment::Index(0)).is_some() => {
            Some(format!("write [[{key}]], with two pairs of brackets"))
        }
        (ValueType::Array, Value::String(text)) => Some(write(&json!([text]))),
        (ValueType::Boolean, Value::Number(number)) => match number.as_u64()? {
            0 => Some(write(&json!(false))),
            1 => Some(write(&json!(true))),
            _ => None,
        },
        (ValueType::Number, Value::Number(number)) => {
            let percent = number.as_f64().filter(|number| *number > 1.0 && *number <= 100.0)?;
            let is_share = schema::resolve(schema).get("maximum").and_then(Value::as_f64) == Some(1.0);
            is_share.then(|| format!("{} for {percent} %", write(&json!(percent / 100.0))))
        }
        (ValueType::String, found) => {
            let meant = Value::from(text(found, schema)?);
            schema::accepts(schema, &meant).then(|| write(&meant))
        }
        _ => None,
    }
}

/// Whether a table holds tables by name.
fn named(schema: &'static Value) -> bool {
    schema::resolve(schema).get("patternProperties").is_some()
}

/// A value where a table belongs: mostly one that should stand within it.
fn table(key: &KeyPath, schema: &'static Value) -> Option<String> {
    let (Some(around), Some(Segment::Key(name))) = (key.parent(), key.segments().last()) else { return None };
    let around_schema = schema::at(&around)?;
    if named(around_schema) && schema::child(schema, &Value::Null, &Segment::Key(name.clone())).is_some() {
        return Some(format!("give the table a name of your own, as in [{around}.main], and write {name} below it"));
    }
    let required = schema::resolve(schema).get("required")?.as_array()?;
    let required: Vec<&str> = required.iter().filter_map(Value::as_str).collect();
    Some(format!("write {} = {{ … }} with {}", fix::name(key), required.join(", ")))
}

/// A text that should have been written another way.
fn text(found: &Value, schema: &'static Value) -> Option<String> {
    let expected = schema::expected(schema);
    let written = match found {
        Value::String(text) => text.trim().to_lowercase(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    if expected.starts_with("a time") {
        return quantity(&written, "s", &TIMES);
    }
    if expected.starts_with("a size") {
        return quantity(&written, "MiB", &SIZES);
    }
    if expected.starts_with("an address and a port") {
        let port = written.trim_start_matches("localhost").trim_start_matches(':').parse::<u16>().ok()?;
        // A lesser one is more likely a mistake of another kind.
        if port < 80 {
            return None;
        }
        return Some(format!("127.0.0.1:{port}"));
    }
    None
}

/// A unit's other names.
type Names = (&'static str, &'static [&'static str]);

const TIMES: [Names; 5] = [
    ("ms", &["ms", "msec", "msecs", "millis", "millisecond", "milliseconds"]),
    ("s", &["s", "sec", "secs", "second", "seconds"]),
    ("m", &["m", "min", "mins", "minute", "minutes"]),
    ("h", &["h", "hr", "hrs", "hour", "hours"]),
    ("d", &["d", "day", "days"]),
];

const SIZES: [Names; 5] = [
    ("B", &["b", "byte", "bytes"]),
    ("KiB", &["kib", "k", "kb"]),
    ("MiB", &["mib", "m", "mb"]),
    ("GiB", &["gib", "g", "gb"]),
    ("TiB", &["tib", "t", "tb"]),
];

/// A count and a unit by whatever name; `unit` where there is none.
fn quantity(written: &str, unit: &str, names: &[Names]) -> Option<String> {
    let at = written.find(|c: char| !c.is_ascii_digit()).unwrap_or(written.len());
    let (count, name) = written.split_at(at);
    let unit = match name.trim() {
        "" => unit,
        name => names.iter().find(|(_, names)| names.contains(&name))?.0,
    };
    (!count.is_empty()).then(|| format!("{count}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::{quantity, SIZES, TIMES};

    #[test]
    fn a_quantity_is_understood_by_its_other_names() {
        for (written, meant) in [
            ("30", Some("30s")),
            ("5 s", Some("5s")),
            ("5sec", Some("5s")),
            ("2 minutes", Some("2m")),
            ("1.5s", None),
            ("s", None),
            ("5 parsecs", None),
        ] {
            assert_eq!(quantity(written, "s", &TIMES).as_deref(), meant, "{written}");
        }
        assert_eq!(quantity("1gb", "MiB", &SIZES).as_deref(), Some("1GiB"));
    }
}
