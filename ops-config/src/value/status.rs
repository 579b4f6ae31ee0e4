//! Which response statuses count: `"5xx"`, `"503"`.

use super::{text::text_schema, text::text_serde, Malformed};
use std::{fmt, str::FromStr};

const EXPECTED: &str = "a status such as \"503\" or a class such as \"5xx\"";
const PATTERN: &str = "^[1-5](?:[0-9]{2}|xx)$";

/// One HTTP status from 100 to 599, or a whole class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusPattern {
    first: u16,
    last: u16,
}

impl StatusPattern {
    /// All server errors, `5xx`.
    pub const SERVER_ERRORS: Self = Self { first: 500, last: 599 };

    /// One status written in code.
    pub(crate) const fn of(status: u16) -> Self {
        Self { first: status, last: status }
    }

    /// Whether the status is one of these.
    #[must_use]
    pub const fn matches(self, status: u16) -> bool {
        self.first <= status && status <= self.last
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            self.first.fmt(f)
        } else {
            write!(f, "{}xx", self.first / 100)
        }
    }
}

impl fmt::Debug for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for StatusPattern {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new(EXPECTED);
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| malformed())?;
        let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
        let class = digit(bytes[0]).filter(|class| (1..=5).contains(class)).ok_or_else(malformed)? * 100;
        if &bytes[1..] == b"xx" {
            return Ok(Self { first: class, last: class + 99 });
        }
        let (tens, ones) = digit(bytes[1]).zip(digit(bytes[2])).ok_or_else(malformed)?;
        let status = class + tens * 10 + ones;
        Ok(Self { first: status, last: status })
    }
}

text_serde!(StatusPattern);
text_schema!(StatusPattern, "StatusPattern", EXPECTED, PATTERN);
