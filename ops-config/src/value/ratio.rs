//! Fractions, and other numbers with a fraction.

use super::Malformed;
use schemars::{json_schema, JsonSchema, Schema, SchemaGenerator};
use serde::{de, Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, fmt};

/// A number from 0.0 to 1.0: a rate, a share, a probability.
#[derive(Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Ratio(f64);

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);
    /// Everything.
    pub const ONE: Self = Self(1.0);

    /// A ratio written in code.
    ///
    /// # Panics
    /// When it is not within 0.0–1.0; meant for constants, where that stops the build.
    #[must_use]
    pub const fn literal(value: f64) -> Self {
        assert!(0.0 <= value && value <= 1.0, "ratio out of range");
        Self(value)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// A finite number above zero, such as the upper bound of a bucket in seconds.
#[derive(Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Positive(f64);

impl Positive {
    /// A number written in code.
    ///
    /// # Panics
    /// When it is not above zero and finite; meant for constants, where that stops the build.
    #[must_use]
    pub const fn literal(value: f64) -> Self {
        assert!(value > 0.0 && value.is_finite(), "not a positive number");
        Self(value)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// A number from 1.1 to 10.0: by how much something may grow.
#[derive(Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Tolerance(f64);

impl Tolerance {
    /// A tolerance written in code.
    ///
    /// # Panics
    /// When it is not within 1.1–10.0; meant for constants, where that stops the build.
    #[must_use]
    pub const fn literal(value: f64) -> Self {
        assert!(1.1 <= value && value <= 10.0, "tolerance out of range");
        Self(value)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// A number from 1.0 to 10.0: how many times as much.
#[derive(Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Factor(f64);

impl Factor {
    /// A factor written in code.
    ///
    /// # Panics
    /// When it is not within 1.0–10.0; meant for constants, where that stops the build.
    #[must_use]
    pub const fn literal(value: f64) -> Self {
        assert!(1.0 <= value && value <= 10.0, "factor out of range");
        Self(value)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

macro_rules! float {
    ($type:ident, $valid:expr, $expected:literal, { $($bounds:tt)* }) => {
        impl TryFrom<f64> for $type {
            type Error = Malformed;

            fn try_from(value: f64) -> Result<Self, Malformed> {
                if $valid(value) {
                    Ok(Self(value))
                } else {
                    Err(Malformed::new($expected))
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                f64::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "number", $($bounds)*, "x-expected": $expected })
            }
        }
    };
}

float!(Ratio, |v: f64| (0.0..=1.0).contains(&v), "a number from 0.0 to 1.0", { "minimum": 0.0, "maximum": 1.0 });
float!(Positive, |v: f64| v > 0.0 && v.is_finite(), "a number above 0", { "exclusiveMinimum": 0.0 });
float!(Tolerance, |v: f64| (1.1..=10.0).contains(&v), "a number from 1.1 to 10.0", { "minimum": 1.1, "maximum": 10.0 });
float!(Factor, |v: f64| (1.0..=10.0).contains(&v), "a number from 1.0 to 10.0", { "minimum": 1.0, "maximum": 10.0 });
