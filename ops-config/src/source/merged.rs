//! The layers as one: figment merges, and knows which of them each value came from.
//!
//! It merges tables key by key, which is wrong where a table is one value. A secret is: where a
//! later layer says `file`, an `env` from below says nothing any more. So is a table that changes
//! its `kind`: the keys of the other kind go with it.

use super::layer::{Layer, Said};
use crate::{
    diagnostic::{KeyPath, Segment},
    schema,
};
use figment::{
    value::{Tag, Value as Told},
    Figment, Profile, Provider,
};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// What figment makes of the layers, with the places of what held.
#[derive(Default)]
pub(super) struct Merged {
    /// What holds.
    pub(super) value: Value,
    /// Where each value was said; a default is not listed.
    pub(super) said: HashMap<KeyPath, Said>,
    /// What `null` stands for.
    pub(super) unsayable: BTreeMap<KeyPath, String>,
}

impl Merged {
    /// Merges the layers, the last one holding.
    pub(super) fn of(layers: &[&Layer]) -> Self {
        let figment = layers.iter().fold(Figment::new(), |figment, layer| figment.merge(*layer));
        // No layer can fail: each is a table of plain values.
        let told = figment.data().ok().and_then(|mut profiles| profiles.remove(&Profile::Default)).unwrap_or_default();
        let mut walk = Walk { figment: &figment, layers, spoke: Vec::new(), merged: Self::default() };
        let entries = told.into_iter().map(|(name, told)| {
            let voices: Vec<Voice<'_>> = layers.iter().filter_map(|layer| Voice::begin(layer, &name)).collect();
            let segment = Segment::Key(name.clone());
            let schema = schema::child(schema::document(), &Value::Null, &segment);
            (name, walk.take(told, &KeyPath::root().with(segment), schema, &voices))
        });
        let value = entries.collect();
        Self { value, ..walk.merged }
    }
}

/// A layer that says something at the key where the walk is, and what.
#[derive(Clone, Copy)]
struct Voice<'l> {
    layer: &'l Layer,
    value: &'l Value,
}

impl<'l> Voice<'l> {
    fn begin(layer: &'l Layer, name: &str) -> Option<Self> {
        layer.value.get(name).map(|value| Self { layer, value })
    }

    fn within(self, name: &str) -> Option<Self> {
        self.value.get(name).map(|value| Self { value, ..self })
    }
}

/// The way through what figment made, beside it what each layer says there and what the schema says.
struct Walk<'f> {
    figment: &'f Figment,
    layers: &'f [&'f Layer],
    /// Which layer each of figment's tags stands for, as far as it was asked.
    spoke: Vec<(Tag, Option<&'f Layer>)>,
    merged: Merged,
}

impl Walk<'_> {
    fn take(&mut self, told: Told, at: &KeyPath, schema: Option<&'static Value>, voices: &[Voice<'_>]) -> Value {
        let place = match told {
            // A table belongs to all that spoke of it; its place is the last that has one.
            Told::Dict(..) => voices.iter().rev().find_map(|voice| voice.layer.said.get(at)),
            _ => self.spoke(told.tag()).and_then(|layer| layer.place(at)),
        };
        if let Some(place) = place.cloned() {
            self.merged.said.insert(at.clone(), place);
        }
        match told {
            Told::Dict(_, dict) => {
                let heard = heard(schema, voices);
                let entry = |(name, told): (String, Told)| {
                    // What only replaced layers say says nothing.
                    heard.iter().find_map(|voice| voice.within(&name))?;
                    let voices: Vec<_> = voices.iter().filter_map(|voice| voice.within(&name)).collect();
                    let segment = Segment::Key(name.clone());
                    let schema = schema.and_then(|schema| schema::child(schema, &Value::Null, &segment));
                    Some((name, self.take(told, &at.with(segment), schema, &voices)))
                };
                dict.into_iter().filter_map(entry).collect()
            }
            Told::Array(tag, items) => {
                // A list comes whole from one layer: within it nobody else has a say.
                let name = self.spoke(tag).map(|layer| layer.name);
                let voice = voices.iter().rev().find(|voice| Some(voice.layer.name) == name).copied();
                let item = |(index, told)| {
                    let voice = voice.and_then(|voice| voice.value.get(index).map(|value| Voice { value, ..voice }));
                    self.take(told, &at.index(index), None, voice.as_slice())
                };
                items.into_iter().enumerate().map(item).collect()
            }
            Told::String(_, text) => text.into(),
            Told::Char(_, letter) => letter.to_string().into(),
            Told::Bool(_, flag) => flag.into(),
            Told::Num(_, number) => json_number(number),
            Told::Empty(tag, _) => {
                let written = self.spoke(tag).and_then(|layer| layer.unsayable.get(at));
                let written = written.cloned().unwrap_or_else(|| "null".to_owned());
                self.merged.unsayable.insert(at.clone(), written);
                Value::Null
            }
        }
    }

    /// The layer that a value came from.
    fn spoke(&mut self, tag: Tag) -> Option<&Layer> {
        if let Some((_, layer)) = self.spoke.iter().find(|(known, _)| *known == tag) {
            return *layer;
        }
        let name = self.figment.get_metadata(tag).map(|metadata| metadata.name.clone());
        let layer = self.layers.iter().copied().find(|layer| Some(layer.name) == name.as_deref());
        self.spoke.push((tag, layer));
        layer
    }
}

/// The layers that have a say in a table: all, or those from the one on that replaced it.
fn heard<'v, 'l>(schema: Option<&'static Value>, voices: &'v [Voice<'l>]) -> &'v [Voice<'l>] {
    let Some(schema) = schema.map(schema::resolve).filter(|schema| schema.get("oneOf").is_some()) else {
        return voices;
    };
    let from = if schema::says_secret(schema) {
        voices.len().checked_sub(1)
    } else {
        let kind = |voice: &Voice<'l>| voice.value.get("kind");
        voices.iter().rev().find_map(kind).and_then(|last| {
            let other = |voice: &Voice<'l>| kind(voice).is_some_and(|kind| kind != last);
            voices.iter().rposition(other).map(|other| other + 1)
        })
    };
    &voices[from.unwrap_or(0)..]
}

fn json_number(number: figment::value::Num) -> Value {
    let whole = number.to_i128().or_else(|| number.to_u128().and_then(|number| i128::try_from(number).ok()));
    let signed = whole.and_then(|number| i64::try_from(number).ok().map(Value::from));
    let whole = signed.or_else(|| whole.and_then(|number| u64::try_from(number).ok().map(Value::from)));
    whole.or_else(|| number.to_f64().map(Value::from)).unwrap_or_default()
}
