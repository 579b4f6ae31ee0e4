//! Names of log fields.

use super::{text::text_schema, text::text_serde, Malformed};
use std::{fmt, str::FromStr};

const EXPECTED: &str = "a field's name: 1 to 128 visible ASCII characters, such as \"card_number\"";
const PATTERN: &str = "^[!-~]{1,128}$";

/// The name of a log field, in whatever case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName(Box<str>);

impl FieldName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromStr for FieldName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(Malformed::new(EXPECTED))
        }
    }
}

text_serde!(FieldName);
text_schema!(FieldName, "FieldName", EXPECTED, PATTERN);
