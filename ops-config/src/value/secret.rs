//! Secrets: written in place, or better taken from a variable or a file.

use super::Malformed;
use schemars::{json_schema, JsonSchema, Schema, SchemaGenerator};
use secrecy::{ExposeSecret, SecretString};
use serde::{de, ser::SerializeMap, Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt, path::PathBuf};

/// What stands for a secret wherever a configuration is shown.
///
/// It is refused as a secret itself, so that a shown configuration which is
/// saved again cannot replace a password by asterisks.
pub const MASK: &str = "********";

const EXPECTED: &str = "a text, { env = \"NAME\" } or { file = \"/path\" }";

/// Where a secret stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In the configuration itself.
    Inline,
    /// In an environment variable.
    Env(String),
    /// In a file, without the line break at its end.
    File(PathBuf),
}

/// A secret. `Debug` and serde show where it stands, never what it is.
#[derive(Clone)]
pub struct Secret {
    source: SecretSource,
    value: Option<SecretString>,
}

impl Secret {
    /// A secret written in place.
    #[must_use]
    pub fn inline(value: impl Into<String>) -> Self {
        Self { source: SecretSource::Inline, value: Some(value.into().into()) }
    }

    /// Where it stands.
    #[must_use]
    pub const fn source(&self) -> &SecretSource {
        &self.source
    }

    /// What it is; nothing before a reference was resolved. `check` resolves
    /// every one, so a checked configuration has them all.
    #[must_use]
    pub fn expose(&self) -> Option<&str> {
        self.value.as_ref().map(ExposeSecret::expose_secret)
    }

    /// Fills in what a reference points at.
    pub(crate) fn resolve(&mut self, value: String) {
        self.value = Some(value.into());
    }
}

impl PartialEq for Secret {
    /// Equal when both stand in the same place and are the same.
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.expose() == other.expose()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            SecretSource::Inline => f.write_str(MASK),
            SecretSource::Env(name) => write!(f, "{{ env = {name:?} }}"),
            SecretSource::File(path) => write!(f, "{{ file = {path:?} }}"),
        }
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (key, value) = match &self.source {
            SecretSource::Inline => return serializer.serialize_str(MASK),
            SecretSource::Env(name) => ("env", Cow::Borrowed(name.as_str())),
            SecretSource::File(path) => ("file", path.to_string_lossy()),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(key, &value)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        if text.is_empty() || text == MASK {
            Err(E::custom(Malformed::new("a secret, neither empty nor the mask of one")))
        } else {
            Ok(Secret::inline(text))
        }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let source = match map.next_entry::<String, String>()? {
            Some((key, value)) if value.is_empty() => return Err(de::Error::custom(format_args!("{key} is empty"))),
            Some((key, name)) if key == "env" => SecretSource::Env(name),
            Some((key, path)) if key == "file" => SecretSource::File(path.into()),
            _ => return Err(de::Error::custom(Malformed::new(EXPECTED))),
        };
        match map.next_key::<String>()? {
            None => Ok(Secret { source, value: None }),
            Some(_) => Err(de::Error::custom(Malformed::new(EXPECTED))),
        }
    }
}

/// The schema of a secret whose text form must match `pattern`.
pub(super) fn schema_with(pattern: &str, expected: &str) -> Schema {
    let reference = |key: &str, from: &str, what: &str| {
        serde_json::json!({
            "type": "object",
            "description": from,
            "properties": { key: { "type": "string", "minLength": 1, "description": what } },
            "required": [key],
            "additionalProperties": false,
        })
    };
    json_schema!({
        "oneOf": [
            { "type": "string", "pattern": pattern, "description": "Written in place." },
            reference("env", "Taken from an environment variable.", "The environment variable that holds it."),
            reference("file", "Taken from a file.", "The file that holds it; watched, so a new content is taken at once."),
        ],
        "x-expected": expected,
        "x-secret": true,
    })
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Anything but nothing and the mask; `[^*]` or a length other than the mask's.
        schema_with(r"^(?:[\s\S]*[^*][\s\S]*|\*{1,7}|\*{9,})$", EXPECTED)
    }
}
