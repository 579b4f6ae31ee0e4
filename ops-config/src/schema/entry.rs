//! What there is to say of one key.

use super::{
    at, at_in, document, expected,
    navigation::{alternatives, branches},
    resolve,
};
use crate::diagnostic::{KeyPath, Segment};
use serde_json::Value;

/// What stands for a name that the user chooses, in a key that is not anyone's yet.
pub const NAME: &str = "NAME";

/// What there is to say of one key: its entry in the key reference, and its comment
/// in the annotated sample.
#[derive(Clone, Debug)]
pub struct Entry {
    key: KeyPath,
    schema: &'static Value,
}

impl Entry {
    /// The entry of a key; none where there is no such key.
    ///
    /// A table that comes in several kinds is searched in all of them.
    #[must_use]
    pub fn of(key: &KeyPath) -> Option<Self> {
        Self::within(key, &Value::Null)
    }

    /// The entry of a key, where a document decides which kind a table is of.
    pub(super) fn within(key: &KeyPath, document: &Value) -> Option<Self> {
        let schema = at_in(key, document)?;
        let found = key.find(document).unwrap_or(&Value::Null);
        // A kind of table says more of itself than all kinds together.
        let schema = match branches(resolve(schema), found).as_slice() {
            [kind] if *kind != resolve(schema) => kind,
            _ => schema,
        };
        Some(Self { key: key.clone(), schema })
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &KeyPath {
        &self.key
    }

    /// What the schema says of it.
    #[must_use]
    pub const fn schema(&self) -> &'static Value {
        self.schema
    }

    /// What it means, with unit and range.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        let said = self.paragraphs().find(|paragraph| !paragraph.starts_with(RELOAD)).unwrap_or_default();
        if said.is_empty() && self.told_apart().is_some() {
            return "Which kind it is. It decides which other keys there are.";
        }
        said
    }

    /// What a reload does to it, as a clause: "applies to the next request".
    #[must_use]
    pub fn reload(&self) -> Option<&'static str> {
        self.paragraphs().find_map(|paragraph| paragraph.strip_prefix(RELOAD)).map(str::trim)
    }

    /// What it may be, as the end of the sentence "expected …".
    #[must_use]
    pub fn expected(&self) -> String {
        match self.told_apart() {
            Some(_) => {
                let choices: Vec<String> = self.choices().iter().map(|(kind, _)| format!("\"{kind}\"")).collect();
                alternatives(&choices)
            }
            None => expected(self.schema),
        }
    }

    /// What it is when left out; none for a key that is required, or nothing when left out.
    #[must_use]
    pub fn default(&self) -> Option<&'static Value> {
        self.schema.get("default")
    }

    /// Each choice of a closed set with what it means, or each kind that a table comes in; empty for anything else.
    #[must_use]
    pub fn choices(&self) -> Vec<(&'static str, &'static str)> {
        let text = |branch: &'static Value, pointer: &str| branch.pointer(pointer).and_then(Value::as_str);
        let choice = |branch| text(branch, "/const").or_else(|| text(branch, KIND));
        let schema = self.told_apart().unwrap_or(self.schema);
        let branches = resolve(schema).get("oneOf").and_then(Value::as_array).into_iter().flatten();
        branches
            .filter_map(|branch| Some((choice(branch)?, text(branch, "/description").unwrap_or_default())))
            .collect()
    }

    /// The kinds of table that have this key, where there are others that do not; else empty.
    #[must_use]
    pub fn kinds(&self) -> Vec<&'static str> {
        let (Some(table), Some(Segment::Key(name))) = (self.key.parent(), self.key.segments().last()) else {
            return Vec::new();
        };
        let kinds = at(&table).map(|schema| branches(resolve(schema), &Value::Null)).unwrap_or_default();
        let has = |branch: &&&Value| branch.get("properties").is_some_and(|keys| keys.get(name).is_some());
        let having: Vec<_> = kinds.iter().filter(has).collect();
        let kind = |branch: &&&'static Value| branch.pointer(KIND).and_then(Value::as_str);
        if having.len() < kinds.len() {
            having.iter().filter_map(kind).collect()
        } else {
            Vec::new()
        }
    }

    /// The environment variable that sets it, in the usual spelling; none for what is inside a list.
    #[must_use]
    pub fn variable(&self) -> Option<String> {
        let parts = self.key.segments().iter().map(|segment| match segment {
            Segment::Key(key) => Some(key.to_uppercase().replace('-', "_")),
            Segment::Index(_) => None,
        });
        Some(format!("OPS_{}", parts.collect::<Option<Vec<_>>>()?.join("__")))
    }

    /// Of the key that tells the kinds of a table apart: the table. Each kind by itself knows one word only.
    fn told_apart(&self) -> Option<&'static Value> {
        let table = at(&self.key.parent()?)?;
        let is_kind = self.key.segments().last() == Some(&Segment::Key("kind".to_owned()));
        let is_told = |branch: &Value| branch.pointer(KIND).is_some();
        let branches = resolve(table).get("oneOf").and_then(Value::as_array)?;
        (is_kind && branches.iter().all(is_told)).then_some(table)
    }

    fn paragraphs(&self) -> impl Iterator<Item = &'static str> {
        let said = self.schema.get("description").or_else(|| resolve(self.schema).get("description"));
        said.and_then(Value::as_str).unwrap_or_default().split("\n\n")
    }
}

const RELOAD: &str = "Reload:";
const KIND: &str = "/properties/kind/const";

/// The entry of every key in the order of the file: tables before what they hold,
/// [`NAME`] for a name that is free, the first place for what a list holds.
#[must_use]
pub fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    collect(&KeyPath::root(), document(), &mut entries);
    entries
}

fn collect(key: &KeyPath, schema: &'static Value, entries: &mut Vec<Entry>) {
    let schema = resolve(schema);
    let mut visit = |key: KeyPath, schema: &'static Value| {
        // The kinds of a table share keys: each is entered once.
        if !entries.iter().any(|entry| entry.key == key) {
            entries.push(Entry { key: key.clone(), schema });
        }
        collect(&key, schema, entries);
    };
    let tables = |keyword: &str| schema.get(keyword).and_then(Value::as_object).into_iter().flatten();
    for (name, schema) in tables("properties") {
        visit(key.key(name), schema);
    }
    for (_, schema) in tables("patternProperties") {
        visit(key.key(NAME), schema);
    }
    if let Some(items) = schema.get("items").filter(|items| resolve(items).get("properties").is_some()) {
        visit(key.index(0), items);
    }
    // Where a secret stands is the same everywhere and told once, not under each.
    let kinds = schema.get("oneOf").filter(|_| schema.get("x-secret").is_none());
    for branch in kinds.and_then(Value::as_array).into_iter().flatten() {
        collect(key, branch, entries);
    }
}
