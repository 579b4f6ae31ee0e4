//! One file: its values, and the place of each.

use super::{
    broken, hidden,
    layer::Layer,
    places::{Places, Said},
};
use crate::{
    diagnostic::{KeyPath, Origin, Segment, Text, Violation},
    schema,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::Arc,
};
use toml::de::{DeInteger, DeTable, DeValue};

type Spanned<T> = toml::Spanned<T>;
type Schema = &'static Value;

/// Parses a file. The text comes back with its secrets hidden, whether it parses or not.
pub(super) fn parse(name: &'static str, text: &Text) -> (Text, Result<Layer, Vec<Violation>>) {
    let (table, errors) = DeTable::parse_recoverable(text.content());
    let mut walk = Walk { text, at: KeyPath::root(), unsayable: BTreeMap::new(), hidden: Vec::new() };
    let (value, keys) = walk.table(table.get_ref(), Some(schema::document()));
    let Walk { unsayable, hidden, .. } = walk;
    let places = Places { keys, ..Places::default() };
    let layer = Layer { name, value, places, unsayable, is_placed: true };
    if errors.is_empty() {
        (text.hiding(hidden), Ok(layer))
    } else {
        let outline = broken::Outline::of(text.content());
        (text.hiding(outline.hidden()), Err(broken::violations(text, &errors, &outline)))
    }
}

struct Walk<'t> {
    text: &'t Text,
    /// The key where the walk is.
    at: KeyPath,
    unsayable: BTreeMap<KeyPath, String>,
    /// The bytes of what must not be shown.
    hidden: Vec<Range<usize>>,
}

impl Walk<'_> {
    /// A table; the schema says what it knows of it.
    fn table(
        &mut self,
        table: &DeTable<'_>,
        schema: Option<Schema>,
    ) -> (serde_json::Map<String, Value>, HashMap<String, Arc<Places>>) {
        let mut values = serde_json::Map::with_capacity(table.len());
        let mut places = HashMap::with_capacity(table.len());
        for (key, value) in table {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            if hidden::is_hidden_key(schema, name) {
                self.hidden.push(key.span());
            }
            let (value, place) = self.within(Segment::Key(name.to_string()), value, key.span(), schema);
            values.insert(name.to_string(), value);
            places.insert(name.to_string(), place);
        }
        (values, places)
    }

    /// What is one step within the table or list where the walk is.
    fn within(
        &mut self,
        segment: Segment,
        value: &Spanned<DeValue<'_>>,
        key: Range<usize>,
        schema: Option<Schema>,
    ) -> (Value, Arc<Places>) {
        let schema = schema.and_then(|schema| schema::child(schema, &Value::Null, &segment));
        let place = |span| Origin::File(self.text.position(span));
        let here = Some(Said { key: place(key), value: place(value.span()) });
        self.at.push(segment);
        let mut places = Places { here, ..Places::default() };
        let value = match value.get_ref() {
            DeValue::Table(table) => {
                let (value, keys) = self.table(table, schema);
                places.keys = keys;
                value.into()
            }
            DeValue::Array(items) => {
                let item =
                    |(index, item): (usize, &Spanned<_>)| self.within(Segment::Index(index), item, item.span(), schema);
                let (values, items): (Vec<_>, Vec<_>) = items.iter().enumerate().map(item).unzip();
                places.items = items;
                values.into()
            }
            leaf => self.leaf(leaf, value.span(), schema),
        };
        self.at.pop();
        (value, Arc::new(places))
    }

    fn leaf(&mut self, value: &DeValue<'_>, span: Range<usize>, schema: Option<Schema>) -> Value {
        let content = self.text.content();
        if hidden::is_hidden_as(schema, &self.at) || hidden::holds_password(&self.at, &content[span.clone()]) {
            self.hidden.push(hidden::range(content, span.clone()));
        }
        scalar(value).unwrap_or_else(|| {
            // What JSON has no word for: dates, nan, inf, numbers beyond 64 bits.
            let written = content.get(span).unwrap_or_default();
            self.unsayable.insert(self.at.clone(), written.to_owned());
            Value::Null
        })
    }
}

/// A value that holds no others, as JSON; none where JSON cannot say it.
pub(super) fn scalar(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(text.as_ref().into()),
        DeValue::Boolean(flag) => Some((*flag).into()),
        DeValue::Integer(integer) => whole(integer),
        DeValue::Float(float) => {
            let number = float.as_str().parse::<f64>().ok()?;
            serde_json::Number::from_f64(number).map(Value::Number)
        }
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn whole(integer: &DeInteger<'_>) -> Option<Value> {
    let (digits, radix) = (integer.as_str(), integer.radix());
    let signed = i64::from_str_radix(digits, radix).map(Value::from);
    signed.or_else(|_| u64::from_str_radix(digits, radix).map(Value::from)).ok()
}
