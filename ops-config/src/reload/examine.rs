//! From bytes that were seen to a checked configuration.

use super::fault;
use crate::{
    check::{check, Checked},
    diagnostic::{Report, Text},
    source::{Draft, Sources, Texts},
    watch::{Sight, View},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io,
    panic::{catch_unwind, AssertUnwindSafe},
    path::{Path, PathBuf},
};

/// What came of an examination.
#[derive(Debug)]
pub(super) enum Examined {
    /// It checks out.
    Good(Box<Checked>, Vec<Text>),
    /// It does not.
    Bad(Report),
    /// A secret that it names was not in view, or changed meanwhile: nothing can be said.
    Moved,
}

/// [`examine`], where a panic is one more fault: a defect in a check must not end the reloading.
pub(super) fn examine_caught(sources: &Sources, view: View) -> (View, Examined) {
    let seen = view.clone();
    catch_unwind(AssertUnwindSafe(|| examine(sources, view))).unwrap_or_else(|_| {
        let report = Report::new(vec![fault::panicked(&sources.file)], Vec::new());
        (seen, Examined::Bad(report))
    })
}

/// Checks what `view` shows, and makes a view of just the files that this names: what is to be
/// watched from now on.
///
/// The files are judged by the bytes in `view`, whatever has happened to them since. Secrets are
/// read by `check` itself, so they must have been in view before and be the same after.
fn examine(sources: &Sources, view: View) -> (View, Examined) {
    let own: BTreeSet<PathBuf> = sources.files().into_iter().collect();
    let (examined, named) = judge(sources, &view);
    let named = named.into_iter().filter(|path| !own.contains(path)).map(|path| {
        let sight = Sight::of(&path);
        (path, sight)
    });
    let mut next: View = named.collect();
    let same = next.iter().all(|(path, sight)| view.get(path) == Some(sight));
    next.extend(view.into_iter().filter(|(path, _)| own.contains(path)));
    (next, if same { examined } else { Examined::Moved })
}

fn judge(sources: &Sources, view: &View) -> (Examined, Vec<PathBuf>) {
    let bytes = |path: &Path| view.get(path).map_or_else(|| Err(io::ErrorKind::NotFound.into()), Sight::read);
    let texts = match sources.read_with(bytes) {
        Ok(texts) => texts,
        Err(report) => return (Examined::Bad(report), Vec::new()),
    };
    match check(sources, &texts) {
        Ok(checked) => {
            let named = checked.secret_files().to_vec();
            (Examined::Good(Box::new(checked), texts.all().cloned().collect()), named)
        }
        Err(report) => (Examined::Bad(report), named(sources, &texts)),
    }
}

/// The secret files that a rejected configuration names, whoever names them. One of them may be
/// what it lacks, and its coming must be seen. A file that does not parse names none: nothing but
/// a change of itself mends it.
fn named(sources: &Sources, texts: &Texts) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Ok(draft) = Draft::gather(sources, texts) {
        collect(draft.value(), &mut found);
    }
    found
}

fn collect(value: &Value, found: &mut Vec<PathBuf>) {
    match value {
        Value::Object(table) => match table.get("file") {
            Some(Value::String(path)) if table.len() == 1 => found.push(path.into()),
            _ => table.values().for_each(|value| collect(value, found)),
        },
        Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}
