//! Names that a later source brings, much like one that is there.
//!
//! `OPS_POOLS__MIAN__MAX_CONNECTIONS` makes a pool `mian`, which may be what is wanted, so it is no
//! fault; beside a pool `main` it is more likely a slip, and without a word it would be without effect.

use super::{layer::Layer, places::Places};
use crate::{
    diagnostic::{nearest, KeyPath, Origin, Segment},
    schema::{self, ValueType, NAME},
};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, sync::LazyLock};

/// A warning for each new name in `layers`, sources in their order, that is nearly one of those before it.
pub(super) fn warnings(layers: &[&Layer]) -> Vec<String> {
    /// The tables whose names are free.
    static TABLES: LazyLock<Vec<KeyPath>> = LazyLock::new(|| {
        let free = |key: &KeyPath| key.segments().last() == Some(&Segment::Key(NAME.to_owned()));
        let is_table = |entry: &schema::Entry| schema::value_type(entry.schema()) == Some(ValueType::Object);
        let named = schema::entries().into_iter().filter(|entry| free(entry.key()) && is_table(entry));
        named.filter_map(|entry| entry.key().parent()).collect()
    });
    let mut warnings = Vec::new();
    for table in TABLES.iter() {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for layer in layers {
            let Some(names) = names(&layer.value, table) else { continue };
            let new: Vec<_> = names.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
            // Within one source, names that are alike were seen side by side.
            for name in new.iter().filter(|_| !known.is_empty()).take(MAX_GUESSES) {
                let near = nearest(name, known.iter().copied()).filter(|near| !is_numbered(name, near));
                let key = table.key(*name);
                let around = || layer.places.nearest(&key).map(|said| &said.key);
                let said = layer.places.of(&key).and_then(first).or_else(around);
                if let (Some(near), Some(said)) = (near, said) {
                    warnings.push(format!("{said} makes `{key}`; did you mean `{}`?", table.key(near)));
                }
            }
            known.extend(new);
        }
    }
    warnings
}

/// To compare thousands of names with thousands of others takes seconds.
const MAX_GUESSES: usize = 100;

fn names<'l>(document: &'l Map<String, Value>, table: &KeyPath) -> Option<&'l Map<String, Value>> {
    let mut found = document;
    for segment in table.segments() {
        let Segment::Key(name) = segment else { return None };
        found = found.get(name)?.as_object()?;
    }
    Some(found)
}

/// Whether two names differ only in their numbers: `replica-1` and `replica-2` are no slip of each other.
fn is_numbered(one: &str, other: &str) -> bool {
    let letters = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    letters(one) == letters(other)
}

/// Who said the first of what is there.
fn first(places: &Places) -> Option<&Origin> {
    let here = places.here.as_ref().map(|said| &said.key);
    let mut within: Vec<_> = places.keys.iter().collect();
    within.sort_by_key(|(name, _)| *name);
    here.or_else(|| within.into_iter().find_map(|(_, places)| first(places)))
}
