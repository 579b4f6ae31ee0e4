//! What each breaker takes from `[breakers.default]` for the keys it leaves out.
//!
//! On the merged value, before anything judges it: what is taken is then judged, shown and
//! explained like what is written, and has the place where it is written. One table that all take
//! from, and that takes from nobody: there is no chain, so there can be no circle.
//!
//! Tables are taken key by key, as the sources are merged. Where something was taken from is seen
//! by its places, which both share, so it is noted nowhere else.

use super::{merged::Merged, places::Places};
use crate::{
    diagnostic::{KeyPath, Segment},
    section::CircuitBreakerConfig,
};
use serde_json::{map::Entry, Map, Value};
use std::sync::Arc;

/// The section whose entries inherit.
const SECTION: &str = "breakers";

/// Gives every breaker what the default says and it does not.
pub(super) fn inherit(merged: &mut Merged) {
    let Some(Value::Object(breakers)) = merged.value.get_mut(SECTION) else { return };
    let Some(section) = merged.places.keys.get_mut(SECTION) else { return };
    let Some(Value::Object(default)) = breakers.get(CircuitBreakerConfig::DEFAULT).cloned() else { return };
    let Some(origin) = section.keys.get(CircuitBreakerConfig::DEFAULT).cloned() else { return };
    let section = Arc::make_mut(section);
    for (name, breaker) in breakers.iter_mut().filter(|(name, _)| *name != CircuitBreakerConfig::DEFAULT) {
        if let Value::Object(breaker) = breaker {
            take(breaker, section.keys.entry(name.clone()).or_default(), &default, &origin);
        }
    }
}

/// Takes into a table what another holds and it does not, and the places with it.
fn take(table: &mut Map<String, Value>, places: &mut Arc<Places>, from: &Map<String, Value>, origin: &Places) {
    for (name, value) in from {
        // What JSON cannot say is reported where it stands.
        let Some(place) = origin.keys.get(name).filter(|_| !value.is_null()) else { continue };
        match (table.entry(name), value) {
            (Entry::Vacant(missing), _) => {
                missing.insert(value.clone());
                Arc::make_mut(places).keys.insert(name.clone(), Arc::clone(place));
            }
            (Entry::Occupied(mut own), Value::Object(value)) => {
                if let Value::Object(own) = own.get_mut() {
                    take(own, Arc::make_mut(places).keys.entry(name.clone()).or_default(), value, place);
                }
            }
            (Entry::Occupied(_), _) => {}
        }
    }
}

/// Whether the value at a key was taken from the default.
pub(super) fn is_inherited(places: &Places, key: &KeyPath) -> bool {
    let [Segment::Key(section), Segment::Key(name), rest @ ..] = key.segments() else { return false };
    if section != SECTION || name == CircuitBreakerConfig::DEFAULT {
        return false;
    }
    let Some(section) = places.keys.get(SECTION) else { return false };
    let of = |name: &str| section.keys.get(name);
    let (Some(mut own), Some(mut default)) = (of(name), of(CircuitBreakerConfig::DEFAULT)) else { return false };
    for segment in rest {
        let (Some(own_within), Some(within)) = (own.shared_within(segment), default.shared_within(segment)) else {
            return false;
        };
        if Arc::ptr_eq(own_within, within) {
            return true;
        }
        (own, default) = (own_within, within);
    }
    false
}
