//! Everything that was said, merged.

use super::{
    document, hidden, inherited, layer::Layer, merged::Merged, newcomer, otel, places::Places, set, variable, Sources,
    Texts,
};
use crate::{
    diagnostic::{Code, KeyPath, Origin, Report, Segment, Text, Violation},
    schema,
    value::MASK,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was said, merged, each value with the one who said it last.
///
/// It holds secrets in the clear: what of it may be shown, [`Draft::shown`] says.
pub struct Draft {
    value: Value,
    places: Places,
    unsayable: BTreeMap<KeyPath, String>,
    violations: Vec<Violation>,
    warnings: Vec<String>,
    texts: Vec<Text>,
}

impl Draft {
    /// Merges what the texts, the variables and the command line say.
    ///
    /// # Errors
    /// When a file does not parse: every fault of its grammar. What else is wrong the draft keeps,
    /// to be reported together with what the check finds.
    pub fn gather(sources: &Sources, texts: &Texts) -> Result<Self, Report> {
        let (hidden, files) = parse(texts)?;
        let (otel, mut warnings) = otel::layer(&sources.variables);
        let mut below = vec![Layer::defaults(), &otel];
        below.extend(&files);
        // Only to match the names of variables, so only where there are any.
        let known = if variable::any(&sources.variables) { Merged::of(&below).value } else { Value::Null };
        let (variables, mut violations) = variable::layer(&sources.variables, &known);
        let (set, faults) = set::layer(&sources.set);
        violations.extend(faults);
        warnings.extend(newcomer::warnings(&[below.as_slice(), &[&variables, &set]].concat()));
        let mut merged = Merged::of(&[below.as_slice(), &[&variables, &set]].concat());
        inherited::inherit(&mut merged);

        if !files.first().is_some_and(|main| main.value.contains_key("version")) {
            violations.push(no_version(&hidden[0]));
        }
        // A variable that a secret is taken from may be called as it likes.
        let mut referred = BTreeSet::new();
        references(&merged.value, &mut referred);
        violations.retain(|violation| match (&violation.origin, violation.code) {
            (Origin::Variable(name), Code::UnknownVariable) => !referred.contains(name.as_str()),
            _ => true,
        });
        let Merged { value, places, unsayable } = merged;
        Ok(Self { value, places, unsayable, violations, warnings, texts: hidden })
    }

    /// What was said, as a document, secrets included. `null` stands where something was said that
    /// JSON cannot say.
    pub(crate) const fn value(&self) -> &Value {
        &self.value
    }

    /// Who said the value at a key; nobody, where it is a default or missing.
    #[must_use]
    pub fn origin(&self, key: &KeyPath) -> Origin {
        self.places.at(key).map_or(Origin::Default, |said| said.value.clone())
    }

    /// Where the value at a key is written; the nearest table around it where it is missing.
    #[must_use]
    pub fn place(&self, key: &KeyPath) -> Origin {
        self.places.nearest(key).map_or(Origin::Default, |said| said.value.clone())
    }

    /// Where the key itself is written.
    #[must_use]
    pub fn key_place(&self, key: &KeyPath) -> Origin {
        self.places.nearest(key).map_or(Origin::Default, |said| said.key.clone())
    }

    /// The value at a key as it was written, as far as it may be shown. None where there is none.
    #[must_use]
    pub fn shown(&self, key: &KeyPath) -> Option<String> {
        let value = key.find(&self.value)?;
        Some(match value {
            Value::Object(_) => "a table".to_owned(),
            Value::Array(_) => "a list".to_owned(),
            Value::String(text) if hidden::holds_password(key, text) => masked(value, schema::is_secret(key)),
            _ if hidden::is_hidden(key) => masked(value, schema::is_secret(key)),
            Value::Null => self.unsayable.get(key).cloned().unwrap_or_else(|| "null".to_owned()),
            _ => self.written(key).unwrap_or_else(|| short(value)),
        })
    }

    /// Whether the value at a key was taken from a table that others take from: what is wrong with it is wrong there.
    pub(crate) fn is_inherited(&self, key: &KeyPath) -> bool {
        inherited::is_inherited(&self.places, key)
    }

    /// What was said that JSON cannot say, and where.
    pub(crate) fn unsayable(&self) -> impl Iterator<Item = &KeyPath> {
        self.unsayable.keys()
    }

    /// What was wrong with the saying itself.
    pub(crate) fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// What was ignored.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The files, with what must not be shown of them hidden.
    #[must_use]
    pub fn texts(&self) -> &[Text] {
        &self.texts
    }

    /// Who said each value that holds no others; a list of such values counts as one.
    pub(crate) fn leaf_origins(&self) -> BTreeMap<KeyPath, Origin> {
        // Tables come sorted from the merge, so the keys do too, and the map is built at once.
        let mut origins = Vec::new();
        leaves(&self.value, &self.places, &mut KeyPath::root(), &mut origins);
        origins.into_iter().collect()
    }

    /// The value in the file's own spelling.
    fn written(&self, key: &KeyPath) -> Option<String> {
        let at = self.places.at(key)?.value.position()?.clone();
        let text = self.texts.iter().find(|text| text.path() == at.path.as_path())?;
        let written = text.content().get(at.span)?;
        (written.len() <= MAX_SHOWN && !written.contains('\n')).then(|| written.to_owned())
    }
}

fn leaves(value: &Value, places: &Places, at: &mut KeyPath, origins: &mut Vec<(KeyPath, Origin)>) {
    let mut within = |segment: Segment, value| {
        // Where nothing was said there is nothing to list.
        let Some(places) = places.within(&segment) else { return };
        at.push(segment);
        leaves(value, places, at, origins);
        at.pop();
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| within(Segment::Key(name.clone()), value)),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().enumerate().for_each(|(index, item)| within(Segment::Index(index), item));
        }
        _ => {
            if let Some(said) = &places.here {
                origins.push((at.clone(), said.value.clone()));
            }
        }
    }
}

impl std::fmt::Debug for Draft {
    /// Without any value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").field("texts", &self.texts).finish_non_exhaustive()
    }
}

/// Longer values are cut: the place shows them better than a sentence.
const MAX_SHOWN: usize = 80;

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_SHOWN) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

/// A secret as it is shown; of a database's address the scheme, which is mostly what is wrong.
/// Another value in the place of a table: only what kind of value.
fn masked(value: &Value, is_secret: bool) -> String {
    const SCHEMES: [&str; 6] = ["sqlite", "postgres", "postgresql", "mysql", "mariadb", "mssql"];
    match value {
        Value::String(text) if text.is_empty() => return "\"\"".to_owned(),
        Value::String(_) if is_secret => {}
        Value::String(_) => return "a text".to_owned(),
        Value::Number(_) => return "a number".to_owned(),
        _ => return "not a text".to_owned(),
    }
    let scheme = value.as_str().and_then(|text| text.split_once(':')).map(|(scheme, _)| scheme);
    match scheme.filter(|scheme| SCHEMES.contains(scheme)) {
        Some(scheme) => format!("\"{scheme}:{MASK}\""),
        None => format!("\"{MASK}\""),
    }
}

fn parse(texts: &Texts) -> Result<(Vec<Text>, Vec<Layer>), Report> {
    let (mut hidden, mut files, mut violations) = (Vec::new(), Vec::new(), Vec::new());
    for (text, name) in texts.all().zip(["file", "profile's file"]) {
        let (text, parsed) = document::parse(name, text);
        hidden.push(text);
        match parsed {
            Ok(layer) => files.push(layer),
            Err(faults) => violations.extend(faults),
        }
    }
    if violations.is_empty() {
        Ok((hidden, files))
    } else {
        Err(Report::new(violations, hidden))
    }
}

fn no_version(text: &Text) -> Violation {
    Violation {
        code: Code::NoVersion,
        key: KeyPath::root().key("version"),
        origin: Origin::File(text.position(0..0)),
        found: None,
        expected: "the format's version, 1".to_owned(),
        help: Some("write version = 1 as the first line; without it the file is taken for incomplete".to_owned()),
        notes: Vec::new(),
    }
}

/// The variables that secrets are taken from.
fn references<'v>(value: &'v Value, names: &mut BTreeSet<&'v str>) {
    match value {
        Value::Object(object) => {
            if let (Some(Value::String(name)), 1) = (object.get("env"), object.len()) {
                names.insert(name);
            }
            object.values().for_each(|value| references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}
