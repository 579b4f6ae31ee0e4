//! How far back calls are counted: `"10s"`, or `100` calls.

use super::{minutes, Count, Malformed, Period};
use schemars::{json_schema, JsonSchema, Schema, SchemaGenerator};
use serde::{de, Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, fmt};

const EXPECTED: &str = "a time from 100ms to 10m, such as \"30s\", or a count of calls from 1 to 1000, such as 100";

/// How far back calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum CallWindow {
    /// The last so many calls.
    Calls(Count<1, 1000>),
    /// The calls of so much time.
    Time(Period<100, { minutes(10) }>),
}

impl<'de> Deserialize<'de> for CallWindow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

fn malformed<E: de::Error>() -> E {
    E::custom(Malformed::new(EXPECTED))
}

impl de::Visitor<'_> for Visitor {
    type Value = CallWindow;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<CallWindow, E> {
        text.parse().map(CallWindow::Time).map_err(|_| malformed())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<CallWindow, E> {
        Count::try_from(number).map(CallWindow::Calls).map_err(|_| malformed())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<CallWindow, E> {
        u64::try_from(number).map_err(|_| malformed()).and_then(|number| self.visit_u64(number))
    }

    /// `100.0` is a whole number to JSON Schema, and so to the editor.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<CallWindow, E> {
        let number = de::value::F64Deserializer::<E>::new(number);
        Count::deserialize(number).map(CallWindow::Calls)
    }
}

impl JsonSchema for CallWindow {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CallWindow".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "oneOf": [
                Count::<1, 1000>::json_schema(generator),
                Period::<100, { minutes(10) }>::json_schema(generator),
            ],
            "x-expected": EXPECTED,
        })
    }
}
