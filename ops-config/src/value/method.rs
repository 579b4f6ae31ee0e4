//! Methods of HTTP.

use super::{text::text_schema, text::text_serde, Malformed};
use std::{fmt, str::FromStr};

const EXPECTED: &str = "a method in capitals such as \"GET\"";
const PATTERN: &str = "^[A-Z][A-Z-]{0,31}$";

/// The method of an HTTP request. Capitals only: methods are told apart by case, and all known ones are written so.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MethodName(Box<str>);

impl MethodName {
    /// A method written in code; a wrong one stops the first test that runs.
    pub(crate) fn literal(text: &str) -> Self {
        Self(text.into())
    }

    /// The method as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromStr for MethodName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fits = text.len() <= 32
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Malformed::new(EXPECTED))
        }
    }
}

text_serde!(MethodName);
text_schema!(MethodName, "MethodName", EXPECTED, PATTERN);
