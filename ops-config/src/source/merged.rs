//! The layers as one: figment merges, and knows which of them each value came from.
//!
//! It merges tables key by key, which is wrong where a table is one value. A secret is: where a
//! later layer says `file`, an `env` from below says nothing any more. So is a table that changes
//! its `kind`: the keys of the other kind go with it.

use super::layer::{Layer, Said};
use crate::{diagnostic::KeyPath, schema};
use figment::{value::Value as Told, Figment, Profile, Provider};
use serde_json::Value;
use std::collections::BTreeMap;

/// What figment makes of the layers, with the places of what held.
#[derive(Default)]
pub(super) struct Merged {
    /// What holds.
    pub(super) value: Value,
    /// Where each value was said; a default is not listed.
    pub(super) said: BTreeMap<KeyPath, Said>,
    /// What `null` stands for.
    pub(super) unsayable: BTreeMap<KeyPath, String>,
}

impl Merged {
    /// Merges the layers, the last one holding.
    pub(super) fn of(layers: &[&Layer]) -> Self {
        let figment = layers.iter().fold(Figment::new(), |figment, layer| figment.merge(*layer));
        let mut merged = Self::default();
        // No layer can fail: each is a table of plain values.
        let told = figment.data().ok().and_then(|mut profiles| profiles.remove(&Profile::Default)).unwrap_or_default();
        let entries = told.into_iter().map(|(name, told)| {
            let value = merged.take(told, &KeyPath::root().key(&name), &figment, layers);
            (name, value)
        });
        let value = entries.collect();
        merged.value = value;
        merged
    }

    fn take(&mut self, told: Told, at: &KeyPath, figment: &Figment, layers: &[&Layer]) -> Value {
        let name = figment.get_metadata(told.tag()).map(|metadata| metadata.name.clone());
        let spoke = layers.iter().find(|layer| Some(layer.name) == name.as_deref());
        let place = match told {
            // A table belongs to all that spoke of it; its place is the last that has one.
            Told::Dict(..) => layers.iter().rev().find_map(|layer| layer.said.get(at)),
            _ => spoke.and_then(|layer| layer.place(at)),
        };
        if let Some(place) = place {
            self.said.insert(at.clone(), place.clone());
        }
        match told {
            Told::Dict(_, dict) => {
                let heard = heard(at, layers);
                let holds = |name: &str| heard.iter().any(|layer| layer.at(&at.key(name)).is_some());
                let entry = |(name, told): (String, Told)| {
                    let value = self.take(told, &at.key(&name), figment, layers);
                    (name, value)
                };
                dict.into_iter().filter(|(name, _)| holds(name)).map(entry).collect()
            }
            Told::Array(_, items) => {
                let item = |(index, told)| self.take(told, &at.index(index), figment, layers);
                items.into_iter().enumerate().map(item).collect()
            }
            Told::String(_, text) => text.into(),
            Told::Char(_, letter) => letter.to_string().into(),
            Told::Bool(_, flag) => flag.into(),
            Told::Num(_, number) => json_number(number),
            Told::Empty(..) => {
                let written = spoke.and_then(|layer| layer.unsayable.get(at));
                self.unsayable.insert(at.clone(), written.cloned().unwrap_or_else(|| "null".to_owned()));
                Value::Null
            }
        }
    }
}

/// The layers that have a say in the table at a key: all, or those from the one on that replaced it.
fn heard<'l, 'a>(at: &KeyPath, layers: &'l [&'a Layer]) -> &'l [&'a Layer] {
    let from = if schema::is_secret(at) {
        layers.iter().rposition(|layer| layer.at(at).is_some())
    } else {
        let kind = at.key("kind");
        let kinds = schema::at(&kind).is_some().then(|| layers.iter().rev().find_map(|layer| layer.at(&kind)));
        kinds.flatten().and_then(|last| {
            let other = |layer: &&Layer| layer.at(&kind).is_some_and(|kind| kind != last);
            layers.iter().rposition(other).map(|other| other + 1)
        })
    };
    &layers[from.unwrap_or(0)..]
}

fn json_number(number: figment::value::Num) -> Value {
    let whole = number.to_i128().or_else(|| number.to_u128().and_then(|number| i128::try_from(number).ok()));
    let signed = whole.and_then(|number| i64::try_from(number).ok().map(Value::from));
    let whole = signed.or_else(|| whole.and_then(|number| u64::try_from(number).ok().map(Value::from)));
    whole.or_else(|| number.to_f64().map(Value::from)).unwrap_or_default()
}
