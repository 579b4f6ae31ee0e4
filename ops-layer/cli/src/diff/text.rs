//! What differs, for people and for programs.

use super::sides::Compared;
use crate::{
    document::toml,
    output::{END, GREEN, RED, STRONG, WIDTH, YELLOW},
};
use ops_config::check::Difference;
use serde_json::{json, Value};
use std::fmt::Write;
use textwrap::{fill, Options};

/// A paragraph for each difference: the key, before and after, and what that does.
pub(super) fn human(compared: &Compared) -> String {
    let mut text = head(compared);
    for difference in &compared.differences {
        one(&mut text, difference);
    }
    let last = match (compared.differences.len(), &compared.process) {
        (0, None) => "no difference".to_owned(),
        // Of a secret that is another one nothing is seen.
        (0, Some(_)) if compared.has_unseen => "no difference that is seen".to_owned(),
        (0, Some(_)) => "no difference: a save would change nothing".to_owned(),
        (1, _) => "1 difference".to_owned(),
        (count, _) => format!("{count} differences"),
    };
    text.push_str(&last);
    if compared.has_unseen {
        text.push_str("; secrets written in place are not compared, only their masks are seen");
    }
    text.push('\n');
    text
}

fn head(compared: &Compared) -> String {
    let mut text = String::new();
    let Some(process) = &compared.process else {
        return text;
    };
    // Writing into a `String` cannot fail.
    let _ = writeln!(text, "{}: generation {} in force since {}", compared.old, process.generation, process.loaded_at);
    if let Some(error) = &process.last_error {
        let _ = writeln!(text, "it rejects its file as it is now: {} {}", error.code, error.message);
    }
    let _ = writeln!(text, "compared with a save of {}, read with the environment of this command\n", compared.new);
    text
}

fn one(text: &mut String, difference: &Difference) {
    let Difference { key, from, to } = difference;
    let shown = |value: &Option<Value>| value.as_ref().map(toml).unwrap_or_default();
    let (colour, mark, values) = match (from, to) {
        (None, _) => (GREEN, '+', shown(to)),
        (_, None) => (RED, '-', shown(from)),
        _ if difference.is_hidden() => (YELLOW, '~', "another secret".to_owned()),
        _ => (YELLOW, '~', format!("{} -> {}", shown(from), shown(to))),
    };
    let _ = writeln!(text, "{colour}{mark}{END} {STRONG}{key}{END}  {values}");
    if let Some(effect) = difference.effect() {
        let indent = Options::new(WIDTH).initial_indent("    ").subsequent_indent("    ");
        let _ = writeln!(text, "{}", fill(effect, indent));
    }
    text.push('\n');
}

/// One document.
pub(super) fn json(compared: &Compared) -> String {
    let differences: Vec<Value> = compared.differences.iter().map(Difference::to_json).collect();
    let process = compared.process.as_ref().map(|process| {
        json!({
            "generation": process.generation,
            "loaded_at": process.loaded_at,
            "last_error": process.last_error.as_ref().map(|error| json!({ "code": error.code, "message": error.message })),
        })
    });
    let shown = json!({
        "old": compared.old,
        "new": compared.new,
        "running": process,
        "secrets_not_compared": compared.has_unseen,
        "differences": differences,
    });
    format!("{shown:#}\n")
}
