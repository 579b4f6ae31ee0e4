//! Names of attributes.

use super::{text::text_schema, text::text_serde, Malformed};
use std::{borrow::Borrow, fmt, str::FromStr};

const EXPECTED: &str = "an attribute's name of letters, digits, '_', '.', '-' and '/' such as \"service.version\"";
const PATTERN: &str = "^[A-Za-z0-9_][A-Za-z0-9_./-]{0,254}$";

/// The name of an attribute of the process, as OpenTelemetry's conventions write them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeName(Box<str>);

impl AttributeName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for AttributeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromStr for AttributeName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let begins = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let fits = |c: char| begins(c) || "./-".contains(c);
        if text.len() <= 255 && text.starts_with(begins) && text.chars().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err(Malformed::new(EXPECTED))
        }
    }
}

text_serde!(AttributeName);
text_schema!(AttributeName, "AttributeName", EXPECTED, PATTERN);
