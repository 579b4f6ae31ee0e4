//! Documents made from the schema: valid ones, and what becomes of them when they are changed a little.

use super::super::resolve;
use proptest::{collection, prelude::*, sample, strategy::Union, string::string_regex};
use serde_json::{json, Map, Value};

/// Which forms of a secret are made. One written in place is not printed, so it cannot be read back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrets {
    Any,
    Elsewhere,
}

/// Documents that fit the schema.
pub(crate) fn valid(schema: &'static Value, secrets: Secrets) -> BoxedStrategy<Value> {
    let schema = resolve(schema);
    if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
        let hidden = secrets == Secrets::Elsewhere && schema.get("x-secret").is_some();
        let branches = branches.iter().filter(|branch| !(hidden && branch["type"] == "string"));
        return Union::new(branches.map(|branch| valid(branch, secrets))).boxed();
    }
    if let Some(constant) = schema.get("const") {
        return Just(constant.clone()).boxed();
    }
    match schema["type"].as_str() {
        Some("string") => text(schema).prop_map(Value::from).boxed(),
        Some("integer") => {
            let (min, max) = (schema["minimum"].as_u64().unwrap(), schema["maximum"].as_u64().unwrap());
            prop_oneof![Just(min), Just(max), min..=max].prop_map(Value::from).boxed()
        }
        Some("number") => match schema["maximum"].as_f64() {
            Some(max) => {
                let min = schema["minimum"].as_f64().unwrap();
                prop_oneof![Just(min), Just(max), min..=max].prop_map(Value::from).boxed()
            }
            None => prop_oneof![1e-9..1.0, 1.0..1e9].prop_map(Value::from).boxed(),
        },
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("array") => {
            let min = usize::try_from(schema["minItems"].as_u64().unwrap()).unwrap();
            let max = usize::try_from(schema["maxItems"].as_u64().unwrap()).unwrap().min(min + 3);
            collection::vec(valid(&schema["items"], secrets), min..=max).prop_map(Value::from).boxed()
        }
        _ => table(schema, secrets),
    }
}

fn table(schema: &'static Value, secrets: Secrets) -> BoxedStrategy<Value> {
    if let Some((names, values)) = schema.get("patternProperties").and_then(|names| names.as_object()?.iter().next()) {
        let tables = collection::btree_map(matching(names), valid(values, secrets), 0..3);
        return tables.prop_map(|tables| Value::Object(tables.into_iter().collect())).boxed();
    }
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let keys = schema["properties"].as_object().unwrap().iter().map(|(key, schema)| {
        let value = valid(schema, secrets).prop_map(move |value| (key.clone(), value));
        if required.iter().any(|name| name == key) {
            value.prop_map(Some).boxed()
        } else {
            proptest::option::of(value).boxed()
        }
    });
    let keys: Vec<_> = keys.collect();
    keys.prop_map(|keys| Value::Object(keys.into_iter().flatten().collect::<Map<_, _>>())).boxed()
}

/// Texts that fit a schema of type `string`.
pub(super) fn text(schema: &'static Value) -> BoxedStrategy<String> {
    let host = || {
        prop_oneof![
            any::<std::net::Ipv4Addr>().prop_map(|ip| ip.to_string()),
            any::<std::net::Ipv6Addr>().prop_map(|ip| format!("[{ip}]")),
            "[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?",
        ]
    };
    match schema.get("format").and_then(Value::as_str) {
        Some("ops-host") => any::<std::net::IpAddr>().prop_map(|ip| ip.to_string()).boxed(),
        Some("ops-socket-address") => any::<std::net::SocketAddr>()
            .prop_map(|address| std::net::SocketAddr::new(address.ip(), address.port()).to_string())
            .boxed(),
        Some("ops-peer") => (host(), any::<u16>()).prop_map(|(host, port)| format!("{host}:{port}")).boxed(),
        Some(format) => {
            let prefix = if format == "ops-http-url" { "https?" } else { "http" };
            // Without a query, of which not all may be printed.
            (prefix, host(), "(:[1-9][0-9]{0,3})?(/[!#-;=@-_a-~]{0,9})?")
                .prop_map(|(prefix, host, rest)| format!("{prefix}://{host}{rest}"))
                .boxed()
        }
        None => match schema.get("pattern").and_then(Value::as_str) {
            Some(pattern) => matching(pattern),
            None if schema.get("minLength").is_some() => "\\PC{1,12}".boxed(),
            None => "\\PC{0,12}".boxed(),
        },
    }
}

fn matching(pattern: &str) -> BoxedStrategy<String> {
    let body = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')).expect("patterns hold the whole text");
    string_regex(body).expect("a pattern proptest can read").boxed()
}

/// One small change of a document.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Replace(Value),
    Remove,
    Add(&'static str),
    Rename(&'static str),
    Edit(Edit),
    Scale(f64, f64),
    Repeat(usize),
}

/// One small change of a text.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    at: sample::Index,
    removed: usize,
    added: String,
}

impl Edit {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let added =
            prop_oneof!["", "[0-9a-zA-Z]", "[-_.:,;/*{}=%@ \\[\\]]", "\\PC", "\n", "ms|s|m|h|d|MiB|xx|::|\\*\\*"];
        (any::<sample::Index>(), 0usize..2, added).prop_map(|(at, removed, added)| Self { at, removed, added })
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        let at = self.at.index(chars.len() + 1);
        let end = (at + self.removed).min(chars.len());
        chars.splice(at..end, self.added.chars());
        chars.into_iter().collect()
    }
}

impl Change {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let scalar = || {
            prop_oneof![
                sample::select(vec![
                    json!(0),
                    json!(-1),
                    json!(1),
                    json!(0.5),
                    json!(100.0),
                    json!(1.5e3),
                    json!(-0.0)
                ]),
                sample::select(vec![
                    json!(1e300),
                    json!(u64::MAX),
                    json!(65_536),
                    json!(10_001),
                    json!(4_294_967_296u64)
                ]),
                sample::select(vec![
                    json!(""),
                    json!("0s"),
                    json!("1h"),
                    json!("info"),
                    json!("pool"),
                    json!("********")
                ]),
                sample::select(vec![json!(true), json!([]), json!(["a"]), json!({"env": "A"}), json!({"env": ""})]),
                "\\PC{0,6}".prop_map(Value::from),
                any::<i32>().prop_map(Value::from),
            ]
        };
        let names =
            || sample::select(vec!["colour", "Main", "main", "", "kind", "version", "a b", "env", "pool", "routes"]);
        prop_oneof![
            3 => scalar().prop_map(Self::Replace),
            1 => Just(Self::Remove),
            1 => names().prop_map(Self::Add),
            1 => names().prop_map(Self::Rename),
            4 => Edit::any().prop_map(Self::Edit),
            2 => (sample::select(vec![1.0, -1.0, 10.0, 0.1]), sample::select(vec![0.0, 1.0, -1.0, 0.5]))
                .prop_map(|(factor, term)| Self::Scale(factor, term)),
            1 => sample::select(vec![0usize, 2, 101, 1001]).prop_map(Self::Repeat),
        ]
    }

    /// Makes the change at the place in the document; one that does not fit there changes nothing.
    pub(super) fn apply(&self, document: &mut Value, place: &str) {
        let (table, key) = place.rsplit_once('/').unwrap_or_default();
        if let Some(Value::Object(keys)) = document.pointer_mut(table) {
            match self {
                Self::Remove => drop(keys.shift_remove(key)),
                Self::Rename(name) => {
                    if let Some(value) = keys.shift_remove(key) {
                        keys.insert((*name).to_owned(), value);
                    }
                }
                _ => {}
            }
        }
        let Some(value) = document.pointer_mut(place) else { return };
        match (self, value) {
            // Serde takes a list for a table; TOML files never get so far.
            (Self::Replace(Value::Array(_)), Value::Object(_)) => {}
            (Self::Replace(other), value) => *value = other.clone(),
            (Self::Add(name), Value::Object(keys)) => drop(keys.insert((*name).to_owned(), json!(1))),
            (Self::Edit(edit), Value::String(text)) => *text = edit.apply(text),
            (Self::Scale(factor, term), number @ Value::Number(_)) => {
                *number = scaled(number, *factor, *term);
            }
            (Self::Repeat(times), Value::Array(items)) => {
                *items = items.first().map(|item| vec![item.clone(); *times]).unwrap_or_default();
            }
            _ => {}
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a test's numbers are small enough, and a wrong one is as good")]
fn scaled(number: &Value, factor: f64, term: f64) -> Value {
    let result = number.as_f64().unwrap_or_default() * factor + term;
    if number.is_f64() || result.fract() != 0.0 {
        result.into()
    } else {
        (result as i64).into()
    }
}

/// Every place in a document, as JSON pointers.
pub(super) fn places(document: &Value) -> Vec<String> {
    let mut places = Vec::new();
    walk(document, "", &mut places);
    places
}

fn walk(value: &Value, place: &str, places: &mut Vec<String>) {
    let mut visit = |step: &str, value: &Value| {
        let place = format!("{place}/{}", step.replace('~', "~0").replace('/', "~1"));
        places.push(place.clone());
        walk(value, &place, places);
    };
    match value {
        Value::Object(table) => table.iter().for_each(|(key, value)| visit(key, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| visit(&at.to_string(), item)),
        _ => {}
    }
}
