//! The layers as one: figment merges, and knows which of them each value came from.
//!
//! It merges tables key by key, which is wrong where a table is one value. A secret is: where a
//! later layer says `file`, an `env` from below says nothing any more. So is a table that changes
//! its `kind`: the keys of the other kind go with it.

use super::{
    layer::Layer,
    places::{Places, Said},
};
use crate::{
    diagnostic::{KeyPath, Segment},
    schema,
};
use figment::{
    value::{Dict, Tag, Value as Told},
    Figment, Profile, Provider,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// What figment makes of the layers, with the places of what held.
#[derive(Default)]
pub(super) struct Merged {
    /// What holds.
    pub(super) value: Value,
    /// Where each value was said; a default has no place.
    pub(super) places: Places,
    /// What `null` stands for.
    pub(super) unsayable: BTreeMap<KeyPath, String>,
}

impl Merged {
    /// Merges the layers, the last one holding.
    pub(super) fn of(layers: &[&Layer]) -> Self {
        let figment = layers.iter().fold(Figment::new(), |figment, layer| figment.merge(*layer));
        // No layer can fail: each is a table of plain values.
        let told = figment.data().ok().and_then(|mut profiles| profiles.remove(&Profile::Default)).unwrap_or_default();
        let mut walk =
            Walk { figment: &figment, layers, spoke: Vec::new(), at: KeyPath::root(), unsayable: BTreeMap::new() };
        let mut places = Places::default();
        let mut value = serde_json::Map::new();
        for (name, told) in told {
            let voices: Vec<Voice<'_>> = layers.iter().filter_map(|layer| Voice::begin(layer, &name)).collect();
            let (within, place) = walk.within(Segment::Key(name.clone()), told, Some(schema::document()), &voices);
            places.keys.insert(name.clone(), place);
            value.insert(name, within);
        }
        Self { value: value.into(), places, unsayable: walk.unsayable }
    }
}

/// A layer that says something at the key where the walk is: what, and where.
#[derive(Clone, Copy)]
struct Voice<'l> {
    layer: &'l Layer,
    value: &'l Value,
    places: Option<&'l Arc<Places>>,
    /// Its place, or the nearest around it.
    nearest: Option<&'l Said>,
}

impl<'l> Voice<'l> {
    fn begin(layer: &'l Layer, name: &str) -> Option<Self> {
        let places = layer.places.keys.get(name);
        let nearest = places.and_then(|places| places.here.as_ref());
        layer.value.get(name).map(|value| Self { layer, value, places, nearest })
    }

    fn within(self, segment: &Segment) -> Option<Self> {
        let value = match segment {
            Segment::Key(name) => self.value.get(name),
            Segment::Index(index) => self.value.get(index),
        }?;
        let places = self.places.and_then(|places| places.shared_within(segment));
        let nearest = places.and_then(|places| places.here.as_ref()).or(self.nearest);
        Some(Self { value, places, nearest, ..self })
    }
}

/// The way through what figment made, beside it what each layer says there and what the schema says.
struct Walk<'f> {
    figment: &'f Figment,
    layers: &'f [&'f Layer],
    /// Which layer each of figment's tags stands for, as far as it was asked.
    spoke: Vec<(Tag, Option<&'static str>)>,
    /// The key where the walk is.
    at: KeyPath,
    unsayable: BTreeMap<KeyPath, String>,
}

impl Walk<'_> {
    /// What is one step within; `schema` is that of the table or list around it, `voices` are those there.
    fn within(
        &mut self,
        segment: Segment,
        told: Told,
        schema: Option<&'static Value>,
        voices: &[Voice<'_>],
    ) -> (Value, Arc<Places>) {
        let schema = schema.and_then(|schema| schema::child(schema, &Value::Null, &segment));
        self.at.push(segment);
        let taken = self.take(told, schema, voices);
        self.at.pop();
        taken
    }

    fn take(&mut self, told: Told, schema: Option<&'static Value>, voices: &[Voice<'_>]) -> (Value, Arc<Places>) {
        if let Some(places) = alone(voices) {
            return (plain(told), Arc::clone(places));
        }
        let name = self.spoke(told.tag());
        let voice = voices.iter().rev().find(|voice| Some(voice.layer.name) == name).copied();
        let place = match told {
            // A table belongs to all that spoke of it; its place is the last that has one.
            Told::Dict(..) => voices.iter().rev().find_map(|voice| voice.places?.here.as_ref()),
            _ => voice.and_then(|voice| voice.nearest),
        };
        let mut places = Places { here: place.cloned(), ..Places::default() };
        let value = match told {
            Told::Dict(_, dict) => {
                let (value, keys) = self.table(dict, schema, voices);
                places.keys = keys;
                value.into()
            }
            Told::Array(_, items) => {
                // A list comes whole from one layer: within it nobody else has a say.
                let item = |(index, told)| {
                    let segment = Segment::Index(index);
                    let voice = voice.and_then(|voice| voice.within(&segment));
                    self.within(segment, told, schema, voice.as_slice())
                };
                let (values, items): (Vec<_>, Vec<_>) = items.into_iter().enumerate().map(item).unzip();
                places.items = items;
                values.into()
            }
            Told::Empty(..) => {
                let written = voice.and_then(|voice| voice.layer.unsayable.get(&self.at));
                let written = written.cloned().unwrap_or_else(|| "null".to_owned());
                self.unsayable.insert(self.at.clone(), written);
                Value::Null
            }
            scalar => plain(scalar),
        };
        (value, Arc::new(places))
    }

    fn table(
        &mut self,
        dict: Dict,
        schema: Option<&'static Value>,
        voices: &[Voice<'_>],
    ) -> (serde_json::Map<String, Value>, HashMap<String, Arc<Places>>) {
        let heard = heard(schema, voices);
        let mut value = serde_json::Map::with_capacity(dict.len());
        let mut places = HashMap::with_capacity(dict.len());
        for (name, told) in dict {
            // What only replaced layers say says nothing.
            if heard.iter().all(|voice| voice.value.get(&name).is_none()) {
                continue;
            }
            let segment = Segment::Key(name.clone());
            let voices: Vec<_> = voices.iter().filter_map(|voice| voice.within(&segment)).collect();
            let (within, place) = self.within(segment, told, schema, &voices);
            places.insert(name.clone(), place);
            value.insert(name, within);
        }
        (value, places)
    }

    /// The layer that a value came from.
    fn spoke(&mut self, tag: Tag) -> Option<&'static str> {
        if let Some((_, layer)) = self.spoke.iter().find(|(known, _)| *known == tag) {
            return *layer;
        }
        let name = self.figment.get_metadata(tag).map(|metadata| metadata.name.clone());
        let layer = self.layers.iter().map(|layer| layer.name).find(|known| Some(*known) == name.as_deref());
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

/// The places of a value that only one layer speaks of, if that says of each value within where it stands.
fn alone<'l>(voices: &[Voice<'l>]) -> Option<&'l Arc<Places>> {
    let [only] = voices else { return None };
    only.places.filter(|_| only.layer.is_placed && only.layer.unsayable.is_empty())
}

/// What figment was told, as it was told.
fn plain(told: Told) -> Value {
    match told {
        Told::Dict(_, dict) => {
            let table: serde_json::Map<_, _> = dict.into_iter().map(|(name, told)| (name, plain(told))).collect();
            table.into()
        }
        Told::Array(_, items) => items.into_iter().map(plain).collect(),
        Told::String(_, text) => text.into(),
        Told::Char(_, letter) => letter.to_string().into(),
        Told::Bool(_, flag) => flag.into(),
        Told::Num(_, number) => json_number(number),
        Told::Empty(..) => Value::Null,
    }
}

fn json_number(number: figment::value::Num) -> Value {
    let whole = number.to_i128().or_else(|| number.to_u128().and_then(|number| i128::try_from(number).ok()));
    let signed = whole.and_then(|number| i64::try_from(number).ok().map(Value::from));
    let whole = signed.or_else(|| whole.and_then(|number| u64::try_from(number).ok().map(Value::from)));
    whole.or_else(|| number.to_f64().map(Value::from)).unwrap_or_default()
}
