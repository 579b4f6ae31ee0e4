//! Names of pools, breakers and checks.

use super::{text::text_schema, text::text_serde, Malformed};
use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

const EXPECTED: &str = "a name: a lower-case letter, then up to 62 lower-case letters, digits, '-' or '_'";
const PATTERN: &str = "^[a-z][a-z0-9_-]{0,62}$";

/// The name of a pool, breaker or check: it is a metric label, a part of an
/// address and of a variable's name, so its alphabet is small.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl FromStr for Name {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rest_fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let fits =
            text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(rest_fits);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Malformed::new(EXPECTED))
        }
    }
}

text_serde!(Name);
text_schema!(Name, "Name", EXPECTED, PATTERN);
