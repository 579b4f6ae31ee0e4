//! Which database a pool opens.

use super::{query::mask_query, secret::schema_with, DatabaseKind, Secret, SecretSource, MASK};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt};

const EXPECTED: &str = "a database address such as \"sqlite::memory:\", \"postgres://user@host/database\" or \"mysql://user@host/database\", { env = \"NAME\" } or { file = \"/path\" }";

/// The address of a database, which may hold a password and so may stand
/// elsewhere like any secret. Shown with the password masked.
#[derive(Clone, PartialEq)]
pub struct DatabaseUrl(Secret);

impl DatabaseUrl {
    /// The address written in place.
    #[must_use]
    pub fn inline(url: impl Into<String>) -> Self {
        Self(Secret::inline(url))
    }

    /// The whole address, password included; nothing before a reference was resolved.
    #[must_use]
    pub fn expose(&self) -> Option<&str> {
        self.0.expose()
    }

    /// Where it stands.
    #[must_use]
    pub const fn source(&self) -> &SecretSource {
        self.0.source()
    }

    /// Which kind of database it names; nothing before a reference was resolved.
    #[must_use]
    pub fn kind(&self) -> Option<DatabaseKind> {
        self.expose().and_then(DatabaseKind::of)
    }

    pub(crate) fn secret_mut(&mut self) -> &mut Secret {
        &mut self.0
    }
}

/// The address with its passwords replaced: from the first `:` after `//` to the last `@`, and
/// what the query says under a name that speaks of a secret. A password may hold '/', '?', '@' or
/// '&' though it should not, so what follows may be masked with it; never less than the password.
pub(crate) fn mask_password(url: &str) -> Cow<'_, str> {
    let masked = || {
        let (scheme, rest) = url.split_once("//")?;
        let (credentials, place) = rest.rsplit_once('@')?;
        let (user, _) = credentials.split_once(':')?;
        Some(format!("{scheme}//{user}:{MASK}@{place}"))
    };
    match masked() {
        Some(url) => Cow::Owned(mask_query(&url).into_owned()),
        None => mask_query(url),
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.source(), self.expose()) {
            (SecretSource::Inline, Some(url)) => f.write_str(&mask_password(url)),
            _ => self.0.fmt(f),
        }
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.source(), self.expose()) {
            (SecretSource::Inline, Some(url)) => serializer.serialize_str(&mask_password(url)),
            _ => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secret = Secret::deserialize(deserializer)?;
        match secret.expose() {
            Some(url) if DatabaseKind::of(url).is_none() => Err(de::Error::custom(format_args!("expected {EXPECTED}"))),
            _ => Ok(Self(secret)),
        }
    }
}

impl JsonSchema for DatabaseUrl {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "DatabaseUrl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let schemes = DatabaseKind::SCHEMES.map(|(scheme, _)| scheme).join("|");
        schema_with(&format!(r"^(?:{schemes}):[\s\S]+$"), EXPECTED)
    }
}
