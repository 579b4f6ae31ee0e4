//! What an editor shows of a key under the pointer.
//!
//! The two language servers render different parts of a schema. tombi adds range, words and
//! default of its own; taplo shows descriptions only, and those of all alternatives in a row.
//! So the description of a key says everything: after its meaning and what a reload does (which
//! is all that the rest of this crate reads of it) the words it may be, then its default. The
//! alternatives keep quiet in taplo, but where one of them is what stands there.

use super::form::toml_text;
use serde_json::{json, Map, Value};

/// Brings one schema, not those in it, into what the servers render well.
pub(super) fn complete(object: &mut Map<String, Value>) {
    if let (Some(word), Some(meaning)) = (object.get("const"), object.get("description")) {
        // What follows begins on the next line: a blank one between makes it a paragraph of its own.
        let said = alternative(word, Some(meaning)) + "\n";
        object.insert(TAPLO.to_owned(), json!({ "docs": { "main": "", "constValue": said } }));
        return;
    }
    tell_kind(object);
    let words = words(object).or_else(|| words(object.get("items")?.as_object()?));
    let default = object.get("default").map(|default| format!("Default: `{}`.", toml_text(default)));
    if let Some(Value::String(text)) = object.get_mut("description") {
        for more in words.into_iter().chain(default) {
            text.push_str("\n\n");
            text.push_str(&more);
        }
    }
}

/// taplo's own keyword for what it shows.
const TAPLO: &str = "x-taplo";

/// The words of a closed set, each with what it means, as a list in Markdown.
fn words(object: &Map<String, Value>) -> Option<String> {
    let branches = object.get("oneOf")?.as_array()?.iter();
    let lines: Option<Vec<_>> = branches
        .map(|branch| Some(format!("- {}", alternative(branch.get("const")?, branch.get("description")))))
        .collect();
    lines.map(|lines| lines.join("\n"))
}

fn alternative(word: &Value, meaning: Option<&Value>) -> String {
    match meaning.and_then(Value::as_str) {
        Some(meaning) => format!("`{word}`: {meaning}"),
        None => format!("`{word}`"),
    }
}

/// The key that says of which kind a table is has no field, and so no doc of its own.
fn tell_kind(object: &mut Map<String, Value>) {
    let meaning = object.get("description").cloned();
    let kind = object.get_mut("properties").and_then(|keys| keys.get_mut("kind")).and_then(Value::as_object_mut);
    if let Some((kind, word)) = kind.and_then(|kind| kind.get("const").cloned().map(|word| (kind, word))) {
        kind.insert(TAPLO.to_owned(), json!({ "docs": { "main": alternative(&word, meaning.as_ref()) } }));
    }
}
