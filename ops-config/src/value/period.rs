//! Lengths of time: `"250ms"`, `"30s"`, `"10m"`.

use super::{pattern::quantity_between, text::text_schema, text::text_serde, Malformed};
use std::{fmt, str::FromStr, time::Duration};

const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// `n` seconds in the unit of [`Period`]'s bounds.
#[must_use]
pub const fn seconds(n: u64) -> u64 {
    n * 1000
}

/// `n` minutes in the unit of [`Period`]'s bounds.
#[must_use]
pub const fn minutes(n: u64) -> u64 {
    n * 60_000
}

/// `n` hours in the unit of [`Period`]'s bounds.
#[must_use]
pub const fn hours(n: u64) -> u64 {
    n * 3_600_000
}

/// `n` days in the unit of [`Period`]'s bounds.
#[must_use]
pub const fn days(n: u64) -> u64 {
    n * 86_400_000
}

/// A length of time from `MIN` to `MAX` milliseconds, written as one whole
/// number and one unit: `ms`, `s`, `m`, `h` or `d`.
///
/// One number and one unit, not `"1h30m"` or `"1.5s"`: that grammar is small
/// enough for the schema to hold it exactly, bounds included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period<const MIN: u64, const MAX: u64>(u64);

impl<const MIN: u64, const MAX: u64> Period<MIN, MAX> {
    /// A period written in code.
    ///
    /// # Panics
    /// When `millis` is out of range; meant for constants, where that stops the build.
    #[must_use]
    pub const fn literal(millis: u64) -> Self {
        assert!(MIN <= millis && millis <= MAX, "period out of range");
        Self(millis)
    }

    /// The period as the standard library's type.
    #[must_use]
    pub const fn get(self) -> Duration {
        Duration::from_millis(self.0)
    }

    /// The period in milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The period of `millis` milliseconds.
    ///
    /// # Errors
    /// When it is out of range.
    pub fn try_from_millis(millis: u64) -> Result<Self, Malformed> {
        if (MIN..=MAX).contains(&millis) {
            Ok(Self(millis))
        } else {
            Err(Self::malformed())
        }
    }

    fn expected() -> String {
        format!("a time from {} to {}, such as \"{}\"", Print(MIN), Print(MAX), Print(MIN.max(seconds(30)).min(MAX)))
    }

    fn malformed() -> Malformed {
        Malformed::new(Self::expected())
    }
}

/// Milliseconds in the largest unit that divides them.
struct Print(u64);

impl fmt::Display for Print {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let (suffix, size) = UNITS.iter().rev().find(|(_, size)| self.0.is_multiple_of(*size)).unwrap_or(&UNITS[0]);
        write!(f, "{}{suffix}", self.0 / size)
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Display for Period<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Print(self.0).fmt(f)
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Debug for Period<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const MIN: u64, const MAX: u64> FromStr for Period<MIN, MAX> {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let millis = parse_quantity(text, &UNITS).ok_or_else(Self::malformed)?;
        Self::try_from_millis(millis)
    }
}

/// The value of `<whole number><unit>`; none for anything else, leading zeros included.
pub(super) fn parse_quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, suffix) = text.split_at(digits);
    if number.is_empty() || number.len() > 1 && number.starts_with('0') {
        return None;
    }
    let (_, size) = units.iter().find(|(name, _)| *name == suffix)?;
    number.parse::<u64>().ok()?.checked_mul(*size)
}

text_serde!([const MIN: u64, const MAX: u64] Period<MIN, MAX>);
text_schema!(
    [const MIN: u64, const MAX: u64] Period<MIN, MAX>,
    format!("Period_{MIN}_{MAX}"),
    Self::expected(),
    quantity_between(MIN, MAX, &UNITS)
);
