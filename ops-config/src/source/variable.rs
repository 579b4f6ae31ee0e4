//! `OPS_<SECTION>__<KEY>` variables.

use super::{coerce, layer::Layer};
use crate::{
    diagnostic::{alternatives, nearest, Code, KeyPath, Origin, Violation},
    schema,
};
use serde_json::Value;
use std::collections::BTreeMap;

const PREFIX: &str = "OPS_";

/// Variables of the process itself, which are no keys.
const OF_THE_PROCESS: [&str; 3] = ["OPS_CONFIG", "OPS_PROFILE", "OPS_TEST_REAL"];

/// Whether any variable may be for a key.
pub(super) fn any(variables: &[(String, String)]) -> bool {
    variables.iter().any(|(name, _)| name.starts_with(PREFIX))
}

/// What the variables say; `known` is what the layers below say, whose names are matched.
pub(super) fn layer(variables: &[(String, String)], known: &Value) -> (Layer, Vec<Violation>) {
    let mut layer = Layer::new("OPS variables");
    let mut violations = Vec::new();
    let mut taken: BTreeMap<KeyPath, &str> = BTreeMap::new();
    // A table is said before a key within it, whatever order the system lists them in.
    let mut ours: Vec<_> = variables.iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    ours.sort();
    for (name, text) in ours {
        if OF_THE_PROCESS.contains(&name.as_str()) {
            continue;
        }
        let origin = Origin::Variable(name.clone());
        match find(&name[PREFIX.len()..], known) {
            Err(_) if is_service_link(name, variables) => {}
            Err(fault) => violations.push(unknown(name, &fault)),
            Ok(key) => match taken.insert(key.clone(), name) {
                Some(other) if other != name => violations.push(twice(key, origin, other)),
                _ => match coerce::value(text, &key) {
                    Ok(value) => layer.say(&key, value, &origin),
                    Err(written) => {
                        layer.say(&key, Value::Null, &origin);
                        layer.unsayable.insert(key, written);
                    }
                },
            },
        }
    }
    (layer, violations)
}

/// Where a variable's name leads nowhere.
struct NoSuchKey {
    /// How far it led.
    table: KeyPath,
    /// The part that led no further.
    part: String,
    /// What follows it.
    rest: String,
    /// What would have led further.
    known: Vec<String>,
}

/// Whether Kubernetes made the variable for a Service whose name begins with `ops`, of which it
/// tells every pod near it. `…_PORT` alone may be a key that was misspelt, so there must be the
/// `…_SERVICE_HOST` that comes with it.
fn is_service_link(name: &str, variables: &[(String, String)]) -> bool {
    let is_service = |name: &str| name.ends_with("_SERVICE_HOST");
    let is_named_port = |rest: &str| rest.is_empty() || rest.starts_with('_');
    if is_service(name) || name.match_indices("_SERVICE_PORT").any(|(at, port)| is_named_port(&name[at + port.len()..]))
    {
        return true;
    }
    let is_link = |rest: &str| {
        let Some(rest) = rest.strip_prefix('_') else { return rest.is_empty() };
        let (number, rest) = rest.split_once('_').unwrap_or((rest, ""));
        let protocol = rest.split('_').next().unwrap_or_default();
        number.parse::<u16>().is_ok() && ["TCP", "UDP", "SCTP"].contains(&protocol)
    };
    name.match_indices("_PORT").filter(|(at, port)| is_link(&name[at + port.len()..])).any(|(at, _)| {
        let host = format!("{}_SERVICE_HOST", &name[..at]);
        variables.iter().any(|(name, _)| *name == host)
    })
}

/// The key that a variable's name, without its prefix, stands for.
fn find(name: &str, known: &Value) -> Result<KeyPath, NoSuchKey> {
    let mut key = KeyPath::root();
    let mut rest = Some(name);
    while let Some(name) = rest {
        let (part, after) = match name.split_once("__") {
            Some((part, after)) => (part, Some(after)),
            None => (name, None),
        };
        let names = names(&key, known);
        let part = part.to_lowercase();
        let alike = |name: &&String| name.to_lowercase().replace('-', "_") == part.replace('-', "_");
        let found = names.iter().find(|name| **name == part).or_else(|| names.iter().find(alike)).cloned();
        // A name that is new: a table of names takes it as it is.
        let found = found.or_else(|| {
            let is_new = !part.is_empty() && schema::known_keys(&key, known).is_empty();
            (is_new && schema::at_in(&key.key(&part), known).is_some()).then(|| part.clone())
        });
        let Some(name) = found else {
            let rest = after.map(|after| format!("__{after}")).unwrap_or_default();
            return Err(NoSuchKey { table: key, part, rest, known: names });
        };
        key = key.key(name);
        rest = after;
    }
    Ok(key)
}

/// The names that a table may have or has.
fn names(table: &KeyPath, known: &Value) -> Vec<String> {
    let mut names: Vec<String> = schema::known_keys(table, known).into_iter().map(str::to_owned).collect();
    let there = table.find(known).and_then(Value::as_object);
    let there = there.into_iter().flat_map(serde_json::Map::keys).filter(|name| !names.contains(name)).cloned();
    let there: Vec<_> = there.collect();
    names.extend(there);
    names
}

/// The variable of a key.
fn variable(key: &KeyPath) -> String {
    let parts = key.segments().iter().map(|segment| match segment {
        crate::diagnostic::Segment::Key(name) => name.to_uppercase().replace('-', "_"),
        crate::diagnostic::Segment::Index(index) => index.to_string(),
    });
    format!("{PREFIX}{}", parts.collect::<Vec<_>>().join("__"))
}

fn unknown(name: &str, fault: &NoSuchKey) -> Violation {
    if let Some((retired, instead)) = schema::retired(&fault.table.key(&fault.part)) {
        let instead = format!("{}{}", variable(&instead), fault.rest.to_uppercase());
        return Violation {
            code: Code::RetiredKey,
            key: KeyPath::root(),
            origin: Origin::Variable(name.to_owned()),
            found: Some(format!("retired since {}", retired.since)),
            help: Some(format!("set {instead} in its place")),
            expected: instead,
            notes: Vec::new(),
        };
    }
    let near = nearest(&fault.part, fault.known.iter().map(String::as_str));
    let help =
        near.map(|near| format!("did you mean {}{}?", variable(&fault.table.key(near)), fault.rest.to_uppercase()));
    let expected = match (fault.table == KeyPath::root(), fault.known.is_empty()) {
        (true, _) => "OPS_, a section, two underscores and a key, such as OPS_LIMITS__MAX_IN_FLIGHT".to_owned(),
        (false, true) => format!("nothing within `{}`", fault.table),
        (false, false) => {
            let names = alternatives(fault.known.iter().map(String::as_str));
            format!("a key of `{}`: {names}", fault.table)
        }
    };
    Violation {
        code: Code::UnknownVariable,
        key: KeyPath::root(),
        origin: Origin::Variable(name.to_owned()),
        found: Some(name.to_owned()),
        expected,
        help: help.or_else(|| Some(format!("unset {name}, or give it a name that does not begin with OPS_"))),
        notes: Vec::new(),
    }
}

fn twice(key: KeyPath, origin: Origin, other: &str) -> Violation {
    Violation {
        code: Code::TwoVariables,
        key,
        found: Some(format!("set by {origin} and by {other}")),
        origin,
        expected: "one variable for one key".to_owned(),
        help: Some("unset one of the two".to_owned()),
        notes: Vec::new(),
    }
}
