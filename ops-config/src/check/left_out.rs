//! The keys whose values say nothing.

use crate::diagnostic::KeyPath;
use std::collections::BTreeSet;

/// The keys that were left out before decoding: the types have defaults in their place.
#[derive(Debug, Default)]
pub(super) struct LeftOut(BTreeSet<KeyPath>);

impl LeftOut {
    pub(super) fn insert(&mut self, key: KeyPath) {
        self.0.insert(key);
    }

    /// Whether the key, one around it or one within it was left out.
    pub(super) fn touches(&self, key: &KeyPath) -> bool {
        let mut above = std::iter::successors(Some(key.clone()), KeyPath::parent);
        // What lies within a key comes right behind it in the order of keys.
        above.any(|key| self.0.contains(&key)) || self.0.range(key..).next().is_some_and(|inner| inner.touches(key))
    }
}

impl Extend<KeyPath> for LeftOut {
    fn extend<I: IntoIterator<Item = KeyPath>>(&mut self, keys: I) {
        self.0.extend(keys);
    }
}

impl FromIterator<KeyPath> for LeftOut {
    fn from_iter<I: IntoIterator<Item = KeyPath>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::LeftOut;
    use crate::diagnostic::KeyPath;

    #[test]
    fn a_key_is_touched_from_above_and_from_within_and_by_no_neighbour() {
        let key = |dotted: &str| -> KeyPath { dotted.split('.').collect() };
        let out: LeftOut = ["a.b", "c", "d.e.f"].map(key).into_iter().collect();
        for (touched, is) in
            [("a.b", true), ("a.b.c", true), ("a", true), ("a.a", false), ("a.c", false), ("d.e", true)]
        {
            assert_eq!(out.touches(&key(touched)), is, "{touched}");
        }
        for (touched, is) in [("d.e.g", false), ("d.e.f.x.y", true), ("e", false), ("cc", false)] {
            assert_eq!(out.touches(&key(touched)), is, "{touched}");
        }
        assert!(out.touches(&KeyPath::root()));
        assert!(LeftOut::from_iter([KeyPath::root()]).touches(&key("a.b")));
        assert!(!LeftOut::default().touches(&KeyPath::root()));
    }
}
