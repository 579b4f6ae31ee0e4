//! One file: its values, and the place of each.

use super::{
    broken, hidden,
    layer::{Layer, Said},
};
use crate::{
    diagnostic::{KeyPath, Origin, Segment, Text, Violation},
    schema,
};
use serde_json::Value;
use std::ops::Range;
use toml::de::{DeInteger, DeTable, DeValue};

type Spanned<T> = toml::Spanned<T>;
type Schema = &'static Value;

/// Parses a file. The text comes back with its secrets hidden, whether it parses or not.
pub(super) fn parse(name: &'static str, text: &Text) -> (Text, Result<Layer, Vec<Violation>>) {
    let (table, errors) = DeTable::parse_recoverable(text.content());
    let mut walk = Walk { text, layer: Layer::new(name), hidden: Vec::new() };
    let value = walk.table(table.get_ref(), &KeyPath::root(), Some(schema::document()));
    let Walk { mut layer, hidden, .. } = walk;
    layer.value = value;
    if errors.is_empty() {
        (text.hiding(hidden), Ok(layer))
    } else {
        let violations = broken::violations(text, &errors, &layer);
        (text.hiding(broken::ranges(text.content())), Err(violations))
    }
}

struct Walk<'t> {
    text: &'t Text,
    layer: Layer,
    /// The bytes of what must not be shown.
    hidden: Vec<Range<usize>>,
}

impl Walk<'_> {
    /// A table; the schema says what it knows of it.
    fn table(&mut self, table: &DeTable<'_>, at: &KeyPath, schema: Option<Schema>) -> serde_json::Map<String, Value> {
        let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            let segment = Segment::Key(name.to_string());
            let schema = schema.and_then(|schema| schema::child(schema, &Value::Null, &segment));
            let value = self.value(value, key.span(), &at.with(segment), schema);
            (name.to_string(), value)
        };
        table.iter().map(entry).collect()
    }

    fn value(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key: Range<usize>,
        at: &KeyPath,
        schema: Option<Schema>,
    ) -> Value {
        let place = |span| Origin::File(self.text.position(span));
        let said = Said { key: place(key), value: place(value.span()) };
        self.layer.said.insert(at.clone(), said);
        match value.get_ref() {
            DeValue::Table(table) => return self.table(table, at, schema).into(),
            DeValue::Array(items) => {
                let schema = schema.and_then(|schema| schema::child(schema, &Value::Null, &Segment::Index(0)));
                let item =
                    |(index, item): (usize, &Spanned<_>)| self.value(item, item.span(), &at.index(index), schema);
                return items.iter().enumerate().map(item).collect();
            }
            _ => self.hide(value.span(), at, schema),
        }
        scalar(value.get_ref()).unwrap_or_else(|| {
            // What JSON has no word for: dates, nan, inf, numbers beyond 64 bits.
            let written = self.text.content().get(value.span()).unwrap_or_default();
            self.layer.unsayable.insert(at.clone(), written.to_owned());
            Value::Null
        })
    }
}

impl Walk<'_> {
    fn hide(&mut self, span: Range<usize>, at: &KeyPath, schema: Option<Schema>) {
        let content = self.text.content();
        if hidden::is_hidden_as(schema, at) || hidden::holds_password(at, &content[span.clone()]) {
            self.hidden.push(hidden::range(content, span));
        }
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
