//! Where things were said, in the shape of what was said.
//!
//! A tree and no map by key: a walk over a document goes along it, and no key is built or hashed
//! for a value that nobody asks for.

use crate::diagnostic::{KeyPath, Origin, Segment};
use std::{collections::HashMap, sync::Arc};

/// Where something was said.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// The place of the key.
    pub(super) key: Origin,
    /// The place of the value.
    pub(super) value: Origin,
}

/// Where a value and all within it were said. What has no place of its own was said with what is around it.
///
/// What only one source speaks of keeps its places when sources are merged, so they are shared and not copied.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// The value itself.
    pub(super) here: Option<Said>,
    /// What a table holds.
    pub(super) keys: HashMap<String, Arc<Places>>,
    /// What a list holds.
    pub(super) items: Vec<Arc<Places>>,
}

impl Places {
    /// The places one step within.
    pub(super) fn within(&self, segment: &Segment) -> Option<&Self> {
        self.shared_within(segment).map(Arc::as_ref)
    }

    /// As [`within`](Self::within), to be kept.
    pub(super) fn shared_within(&self, segment: &Segment) -> Option<&Arc<Self>> {
        match segment {
            Segment::Key(name) => self.keys.get(name),
            Segment::Index(index) => self.items.get(*index),
        }
    }

    /// The places of a value and all within it.
    pub(super) fn of(&self, key: &KeyPath) -> Option<&Self> {
        key.segments().iter().try_fold(self, |places, segment| places.within(segment))
    }

    /// Where just this value was said.
    pub(super) fn at(&self, key: &KeyPath) -> Option<&Said> {
        self.of(key)?.here.as_ref()
    }

    /// Where the value was said, or the nearest around it.
    pub(super) fn nearest(&self, key: &KeyPath) -> Option<&Said> {
        let mut places = self;
        let mut nearest = self.here.as_ref();
        for segment in key.segments() {
            let Some(within) = places.within(segment) else { break };
            places = within;
            nearest = places.here.as_ref().or(nearest);
        }
        nearest
    }

    /// Notes where a value in tables was said, as a whole: places within it are forgotten.
    pub(super) fn say(&mut self, names: &[&str], origin: &Origin) {
        let said = Said { key: origin.clone(), value: origin.clone() };
        let mut places = self;
        for name in names {
            places = Arc::make_mut(places.keys.entry((*name).to_owned()).or_default());
        }
        *places = Self { here: Some(said), ..Self::default() };
    }
}
