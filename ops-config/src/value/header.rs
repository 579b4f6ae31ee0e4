//! Names of HTTP headers.

use super::{text::text_schema, text::text_serde, Malformed};
use std::{borrow::Borrow, fmt, str::FromStr};

const EXPECTED: &str = "a header's name in lower case such as \"authorization\"";
const PATTERN: &str = "^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$";

/// The name of an HTTP header. Lower case only, as HTTP/2 sends it, so that the
/// same header cannot stand in a table twice.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderName(Box<str>);

impl HeaderName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for HeaderName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromStr for HeaderName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$%&'*+.^_`|~-".contains(c);
        if (1..=128).contains(&text.len()) && text.chars().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err(Malformed::new(EXPECTED))
        }
    }
}

text_serde!(HeaderName);
text_schema!(HeaderName, "HeaderName", EXPECTED, PATTERN);
