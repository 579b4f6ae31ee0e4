//! Each value against the schema.

use super::{fix, intent, tagged};
use crate::{
    diagnostic::{alternatives, nearest, Code, KeyPath, Origin, Segment, Violation},
    schema::{self, ValueType},
    source::Draft,
    value::{AttributeName, HeaderName, Malformed, Name},
};
use jsonschema::{error::ValidationErrorKind as Kind, paths::LocationSegment, ValidationError};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// Every value that the schema refuses, each key once.
pub(super) fn violations(draft: &Draft) -> Vec<Violation> {
    let judge = Conform { draft };
    // What JSON cannot say the schema only sees as `null`.
    let mut violations: Vec<_> = draft.unsayable().map(|key| judge.value(Code::WrongType, key)).collect();
    // Much faster than to look for faults that are not there.
    if !schema::validator().is_valid(draft.value()) {
        for error in schema::validator().iter_errors(draft.value()) {
            judge.error(&error, &mut violations);
        }
    }
    let mut keys = HashSet::new();
    violations.retain(|violation| !draft.is_inherited(&violation.key) && keys.insert(violation.key.clone()));
    violations
}

/// A value that the schema takes and the types do not, which is a defect of the one or the other.
pub(super) fn undecodable(draft: &Draft, key: &KeyPath) -> Violation {
    let violation = Conform { draft }.value(Code::InvalidValue, key);
    let origin = match (&violation.origin, draft.texts().first()) {
        (Origin::Default, Some(text)) => Origin::File(text.position(0..0)),
        (origin, _) => origin.clone(),
    };
    Violation { origin, help: Some("write it otherwise, and report this as a defect".to_owned()), ..violation }
}

struct Conform<'d> {
    draft: &'d Draft,
}

impl Conform<'_> {
    fn error(&self, error: &ValidationError<'_>, violations: &mut Vec<Violation>) {
        let key = key(error, self.draft.value());
        let violation = match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                let known = schema::known_keys(&key, self.draft.value());
                return violations.extend(unexpected.iter().map(|name| self.unknown(&key, name, &known)));
            }
            Kind::Required { property } => match property.as_str() {
                // Reported by whoever read the file, since a variable does not stand in for it.
                Some("version") if key == KeyPath::root() => return,
                Some(name) => self.missing(&key, name),
                None => return,
            },
            Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
                return self.alternatives(&key, context, violations);
            }
            Kind::Type { .. } => self.value(Code::WrongType, &key),
            Kind::MinItems { .. } | Kind::MaxItems { .. } => {
                let items = key.find(self.draft.value()).and_then(Value::as_array).map_or(0, Vec::len);
                let found = if items == 0 { "an empty list".to_owned() } else { format!("a list of {items}") };
                Violation { found: Some(found), help: None, ..self.value(Code::WrongLength, &key) }
            }
            _ => self.value(Code::InvalidValue, &key),
        };
        violations.push(violation);
    }

    /// None of the alternatives fits: one of a closed set of words, a secret, or a table of several kinds.
    fn alternatives(&self, key: &KeyPath, context: &[Vec<ValidationError<'static>>], found: &mut Vec<Violation>) {
        let value = key.find(self.draft.value()).unwrap_or(&Value::Null);
        match schema::at_in(key, self.draft.value()).and_then(|schema| tagged::branch(schema, value)) {
            Some(tagged::Branch::Matched(index)) => {
                let errors = context.get(index).into_iter().flatten();
                errors.for_each(|error| self.error(error, found));
            }
            Some(tagged::Branch::NoTag) => found.push(self.missing(key, tagged::TAG)),
            Some(tagged::Branch::OtherTag) => found.push(self.value(Code::InvalidValue, &key.key(tagged::TAG))),
            None if value.is_string() => found.push(self.value(Code::InvalidValue, key)),
            None => found.push(self.value(Code::WrongType, key)),
        }
    }

    /// A value that is not what its key takes.
    fn value(&self, code: Code, key: &KeyPath) -> Violation {
        let origin = self.draft.place(key);
        let schema = schema::at_in(key, self.draft.value());
        Violation {
            code,
            key: key.clone(),
            found: self.draft.shown(key),
            expected: tagged::expected(key, self.draft.value()),
            help: self.help(key, &origin, schema),
            origin,
            notes: Vec::new(),
        }
    }

    fn help(&self, key: &KeyPath, origin: &Origin, schema: Option<&'static Value>) -> Option<String> {
        let found = key.find(self.draft.value())?;
        let words = tagged::words(key, self.draft.value());
        if let (Value::String(word), false) = (found, words.is_empty()) {
            return nearest(word, words.iter().map(String::as_str))
                .map(|near| format!("did you mean {}?", quoted(origin, near)));
        }
        if schema::is_secret(key) {
            return reference(found.as_object()?);
        }
        let schema = schema?;
        if let (Value::String(text), Some(ValueType::Integer | ValueType::Number | ValueType::Boolean)) =
            (found, schema::value_type(schema))
        {
            let bare = text.parse::<f64>().is_ok() || matches!(text.as_str(), "true" | "false");
            if bare && matches!(origin, Origin::File(_)) {
                return Some(format!("write {} = {text}, without quotes", fix::name(key)));
            }
        }
        if let Some(meant) = intent::of(found, key, origin, schema) {
            return Some(meant);
        }
        let default = schema.get("default").filter(|value| !value.is_object() && !value.is_array())?;
        Some(format!("{}, the default", fix::write(key, origin, &default.to_string())))
    }

    fn missing(&self, table: &KeyPath, name: &str) -> Violation {
        let key = table.key(name);
        Violation {
            code: Code::MissingKey,
            origin: self.draft.place(table),
            found: None,
            expected: tagged::expected(&key, self.draft.value()),
            help: Some(self.called(table, name).unwrap_or_else(|| format!("add {name} to `{table}`"))),
            key,
            notes: Vec::new(),
        }
    }

    /// The key that has the missing one's value under a name of its own.
    fn called(&self, table: &KeyPath, name: &str) -> Option<String> {
        let words = tagged::words(&table.key(name), self.draft.value());
        let keys = table.find(self.draft.value())?.as_object()?;
        let is_word = |value: &Value| value.as_str().is_some_and(|word| words.iter().any(|known| known == word));
        let known = schema::known_keys(table, self.draft.value());
        let other = keys.iter().find(|(key, value)| is_word(value) && !known.contains(&key.as_str()))?;
        Some(format!("rename {} to {name}", other.0))
    }

    fn unknown(&self, table: &KeyPath, name: &str, known: &[&'static str]) -> Violation {
        let key = table.key(name);
        let origin = self.draft.key_place(&key);
        if let Some((retired, instead)) = schema::retired(&key) {
            return retired_key(key, origin, retired, &instead);
        }
        if known.is_empty() {
            // A table of names, and this is none.
            let malformed = self::malformed(table, name);
            let expected = malformed.map(|error| error.expected.into_owned()).unwrap_or_default();
            let lower = name.to_lowercase().replace([' ', '.'], "-");
            let help = self::malformed(table, &lower).is_none().then(|| format!("write {lower}"));
            let found = Some(format!("not a name to use in `{table}`"));
            return Violation { code: Code::InvalidValue, key, origin, found, expected, help, notes: Vec::new() };
        }
        let near = nearest(name, known.iter().copied()).map(|near| table.key(near));
        let is_of_the_file = *table != KeyPath::root() && schema::at(&KeyPath::root().key(name)).is_some();
        let help = match near.as_ref().or_else(|| elsewhere(name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if is_of_the_file => {
                format!("move it above the first [table] if `{name}` of the whole file was meant")
            }
            None => format!("remove {name}"),
        };
        let expected = match help.starts_with("did") {
            true if *table == KeyPath::root() => "a section".to_owned(),
            true => format!("a key of `{table}`"),
            false => alternatives(known.iter().copied()),
        };
        Violation { code: Code::UnknownKey, key, origin, found: None, expected, help: Some(help), notes: Vec::new() }
    }
}

/// Why this is no name for an entry of a table of names.
fn malformed(table: &KeyPath, name: &str) -> Option<Malformed> {
    match table.segments().last() {
        Some(Segment::Key(table)) if table == "otlp_headers" => name.parse::<HeaderName>().err(),
        Some(Segment::Key(table)) if table == "resource_attributes" => name.parse::<AttributeName>().err(),
        _ => name.parse::<Name>().err(),
    }
}

/// What is wrong with the table that should say where a secret stands. Only its keys are looked at.
fn reference(table: &serde_json::Map<String, Value>) -> Option<String> {
    if ["env", "file"].iter().all(|key| table.contains_key(*key)) {
        return Some("keep one of env and file".to_owned());
    }
    let near = table.keys().find_map(|key| Some((key, nearest(key, ["env", "file"]).or_else(|| of_env(key))?)));
    near.filter(|(key, near)| key != near).map(|(key, near)| format!("did you mean {near} and not {key}?"))
}

/// Names by which a variable of the environment is called elsewhere.
fn of_env(key: &str) -> Option<&'static str> {
    let is_env = nearest(key, ["environment", "variable", "var", "env_var", "from_env"]).is_some();
    let is_file = nearest(key, ["path", "from_file", "filename"]).is_some();
    is_env.then_some("env").or_else(|| is_file.then_some("file"))
}

/// A key that is no more, with the one to write.
fn retired_key(key: KeyPath, origin: Origin, retired: &schema::Retired, instead: &KeyPath) -> Violation {
    let help = match (&origin, key.parent() == instead.parent()) {
        (Origin::File(_) | Origin::Default, true) => format!("rename it to {}", fix::name(instead)),
        _ => format!("say `{instead}` in its place"),
    };
    Violation {
        code: Code::RetiredKey,
        found: Some(format!("retired since {}", retired.since)),
        expected: format!("`{instead}` in its place"),
        help: Some(help),
        key,
        origin,
        notes: Vec::new(),
    }
}

/// A word as it would be written where it stands.
fn quoted(origin: &Origin, word: &str) -> String {
    match origin {
        Origin::Default | Origin::File(_) => format!("\"{word}\""),
        Origin::Variable(_) | Origin::Set(_) => word.to_owned(),
    }
}

/// The key that was probably meant by one that does not exist.
pub(super) fn meant(key: &KeyPath, document: &Value) -> Option<KeyPath> {
    let (table, Segment::Key(name)) = (key.parent()?, key.segments().last()?) else { return None };
    let known = schema::known_keys(&table, document);
    nearest(name, known).map(|near| table.key(near))
}

/// A key of the same name in another section.
fn elsewhere(name: &str) -> Option<&'static KeyPath> {
    static KEYS: LazyLock<HashMap<&str, KeyPath>> = LazyLock::new(|| {
        let mut keys = HashMap::new();
        for section in schema::known_keys(&KeyPath::root(), &Value::Null) {
            let section = KeyPath::root().key(section);
            for name in schema::known_keys(&section, &Value::Null) {
                keys.entry(name).or_insert_with(|| section.key(name));
            }
        }
        keys
    });
    KEYS.get(name)
}

/// The key that an error is about. A part that is a number may name a key or an element: the
/// document decides.
pub(super) fn key(error: &ValidationError<'_>, document: &Value) -> KeyPath {
    let mut key = KeyPath::root();
    for segment in error.instance_path().segments() {
        let in_list = key.find(document).is_some_and(Value::is_array);
        key = match segment {
            LocationSegment::Index(index) if in_list => key.index(index),
            segment => key.key(segment.to_string()),
        };
    }
    key
}
