//! What values written as strings have in common.

use std::borrow::Cow;

/// Why a text is not the value it should be: what was expected instead.
///
/// The offending text is not repeated: whoever reports it knows it, and knows
/// whether it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct Malformed {
    /// What would have been right, as the end of the sentence "expected …".
    pub expected: Cow<'static, str>,
}

impl Malformed {
    pub(crate) fn new(expected: impl Into<Cow<'static, str>>) -> Self {
        Self { expected: expected.into() }
    }
}

/// Serde through `FromStr` and `Display`, for values written as strings.
macro_rules! text_serde {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de, $($generics)*> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
    ($type:ty) => { text_serde!([] $type); };
}

/// The schema of a value written as a string: its name, what it is, its pattern.
///
/// With `format` where a pattern that held the whole grammar could not be read in
/// an editor's message any more; the validator asks `FromStr` then.
macro_rules! text_schema {
    (format $type:ty, $name:expr, $format:expr, $expected:expr, $pattern:expr) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "format": $format,
                    "x-expected": $expected,
                })
            }
        }
    };
    ([$($generics:tt)*] $type:ty, $name:expr, $expected:expr, $pattern:expr) => {
        impl<$($generics)*> schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "x-expected": $expected,
                })
            }
        }
    };
    ($type:ty, $name:expr, $expected:expr, $pattern:expr) => {
        text_schema!([] $type, $name, $expected, $pattern);
    };
}

pub(super) use {text_schema, text_serde};
