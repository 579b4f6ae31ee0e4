//! `schema/keys.md`: every key on one page.

use super::{
    entry::NAME,
    form::{toml_text, Form},
    Entry, RETIRED,
};
use crate::diagnostic::Segment;
use std::fmt::Write;

const HEAD: &str = "\
# Keys of ops.toml

Every key takes effect on save. `NAME` stands for a name of your own: a lower-case letter, then up to 62
lower-case letters, digits, `-` or `_`. `[0]` stands for any place in a list. A variable of the
environment goes before the file; what is inside a list has none.

Generated from the code by `ops schema --write`.

";

const RETIRED_HEAD: &str = "\
## Retired keys

Keys that are no more. A file that has one is refused with the name of the key to use instead.

| key | since | instead |
| --- | --- | --- |
";

/// The key reference.
pub(super) fn reference() -> String {
    let mut page = HEAD.to_owned();
    for entry in super::entries() {
        match Form::of(entry.schema()) {
            // The heading stands over the named tables; what each of them is follows as the next paragraph.
            Form::Named => heading(&mut page, &format!("[{}.{NAME}]", entry.key()), &entry),
            Form::Repeated => heading(&mut page, &format!("[[{}]]", entry.key()), &entry),
            Form::Table => heading(&mut page, &format!("[{}]", entry.key()), &entry),
            Form::Inline => item(&mut page, &entry),
        }
    }
    page.push_str(RETIRED_HEAD);
    for retired in RETIRED {
        let _ = writeln!(page, "| `{}` | {} | `{}` |", retired.key, retired.since, retired.instead);
    }
    page
}

fn heading(page: &mut String, title: &str, entry: &Entry) {
    // Said of the names already, under the heading of all of them.
    if !stands_for_any(entry) {
        let _ = writeln!(page, "## `{title}`\n");
    }
    page.push_str(entry.meaning());
    if let Some(reload) = entry.reload() {
        let _ = write!(page, "\n\n- Reload: {reload}");
    }
    page.push_str("\n\n");
    if !entry.choices().is_empty() {
        let _ = writeln!(page, "- Expected: {}", entry.expected());
        choices(page, entry);
        page.push('\n');
    }
}

fn item(page: &mut String, entry: &Entry) {
    // The items of a list have been told of with the list, the kinds of a table with the table.
    let is_kind = entry.key().segments().last() == Some(&Segment::Key("kind".to_owned()));
    if is_kind || matches!(entry.key().segments().last(), Some(Segment::Index(_))) {
        return;
    }
    let _ = writeln!(page, "### `{}`\n", entry.key());
    if !entry.meaning().is_empty() {
        let _ = writeln!(page, "{}\n", entry.meaning());
    }
    if !entry.kinds().is_empty() {
        let _ = writeln!(page, "- Only for: kind `\"{}\"`", entry.kinds().join("\"`, `\""));
    }
    let _ = writeln!(page, "- Expected: {}", entry.expected());
    choices(page, entry);
    if let Some(default) = entry.default() {
        let _ = writeln!(page, "- Default: `{}`", toml_text(default));
    }
    if let Some(variable) = entry.variable() {
        let _ = writeln!(page, "- Variable: `{variable}`");
    }
    if let Some(reload) = entry.reload() {
        let _ = writeln!(page, "- Reload: {reload}");
    }
    page.push('\n');
}

fn choices(page: &mut String, entry: &Entry) {
    for (choice, meaning) in entry.choices() {
        let _ = writeln!(page, "  - `\"{choice}\"`: {meaning}");
    }
}

fn stands_for_any(entry: &Entry) -> bool {
    match entry.key().segments().last() {
        Some(Segment::Key(name)) => name == NAME,
        Some(Segment::Index(_)) => true,
        None => false,
    }
}
