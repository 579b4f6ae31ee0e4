//! Keys that are no more.
//!
//! A key that gets another name, or another place, gets a row here in the same change. Whoever
//! still writes it is told the new name and not just that there is no such key. What leaves the
//! schema without a row is a break that the frozen schemas of `schema/released` find.

use super::entry::NAME;
use crate::diagnostic::{KeyPath, Segment};

/// A key that is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The key, [`NAME`] for a name that is free. Of a table all that was in it is meant.
    pub key: &'static str,
    /// The first version without it.
    pub since: &'static str,
    /// The key that has its place.
    pub instead: &'static str,
}

/// Every key that was ever retired. Those of 0.1.0 are names of the first design, which people may know.
pub const RETIRED: &[Retired] = &[
    Retired { key: "chaos.network.add_latency", since: "0.1.0", instead: "chaos.network.latency" },
    Retired { key: "chaos.network.drop_packets", since: "0.1.0", instead: "chaos.network.drop_rate" },
    Retired { key: "circuit_breakers", since: "0.1.0", instead: "breakers" },
    Retired { key: "health", since: "0.1.0", instead: "probes" },
];

/// What there is to say of a key that is no more, with the key that has its place; none for any other.
///
/// Of a key within a retired table nothing is said: its table is at fault.
#[must_use]
pub fn retired(key: &KeyPath) -> Option<(&'static Retired, KeyPath)> {
    RETIRED.iter().find_map(|retired| Some((retired, retired.instead_of(key)?)))
}

impl Retired {
    /// The key in the place of this one, with the names that it has.
    fn instead_of(&self, key: &KeyPath) -> Option<KeyPath> {
        let (parts, found) = (self.key.split('.'), key.segments());
        let mut names = Vec::new();
        if parts.clone().count() != found.len() {
            return None;
        }
        for (part, segment) in parts.zip(found) {
            match segment {
                Segment::Key(name) if part == NAME => names.push(name.as_str()),
                Segment::Key(name) if name == part => {}
                _ => return None,
            }
        }
        let mut names = names.into_iter();
        Some(
            self.instead
                .split('.')
                .map(|part| if part == NAME { names.next().unwrap_or(NAME) } else { part })
                .collect(),
        )
    }
}
