//! Whole numbers with their bounds.

use super::Malformed;
use schemars::{json_schema, JsonSchema, Schema, SchemaGenerator};
use serde::{de, Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, fmt};

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Count<const MIN: u64, const MAX: u64>(u64);

impl<const MIN: u64, const MAX: u64> Count<MIN, MAX> {
    /// A count written in code.
    ///
    /// # Panics
    /// When `value` is out of range; meant for constants, where that stops the build.
    #[must_use]
    pub const fn literal(value: u64) -> Self {
        assert!(MIN <= value && value <= MAX, "count out of range");
        Self(value)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number as a `u32`, for counts whose bound fits one; a larger one is the largest `u32`.
    #[must_use]
    pub fn as_u32(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }

    /// The number as a `usize`; where that is narrower, a larger one is the largest `usize`.
    #[must_use]
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    fn expected() -> String {
        if MIN == MAX {
            return format!("the number {MIN}");
        }
        format!("a whole number from {MIN} to {MAX}")
    }
}

impl<const MIN: u64, const MAX: u64> TryFrom<u64> for Count<MIN, MAX> {
    type Error = Malformed;

    fn try_from(value: u64) -> Result<Self, Malformed> {
        if (MIN..=MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(Malformed::new(Self::expected()))
        }
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Display for Count<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Debug for Count<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de, const MIN: u64, const MAX: u64> Deserialize<'de> for Count<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(Visitor)
    }
}

struct Visitor<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> de::Visitor<'_> for Visitor<MIN, MAX> {
    type Value = Count<MIN, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Count::<MIN, MAX>::expected())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        number.try_into().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        u64::try_from(number)
            .map_err(|_| E::custom(Malformed::new(Count::<MIN, MAX>::expected())))
            .and_then(|number| self.visit_u64(number))
    }

    /// `100.0` is a whole number to JSON Schema, and so to the editor.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        // Below 2^53 every whole number has a float of its own.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: whole, and in range")]
        let whole =
            (number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number)).then_some(number as u64);
        let malformed = || E::custom(Malformed::new(Count::<MIN, MAX>::expected()));
        whole.ok_or_else(malformed).and_then(|number| self.visit_u64(number))
    }
}

impl<const MIN: u64, const MAX: u64> JsonSchema for Count<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Count_{MIN}_{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer",
            "minimum": MIN,
            "maximum": MAX,
            "x-expected": Self::expected(),
        })
    }
}
