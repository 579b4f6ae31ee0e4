//! Amounts of memory or disk: `"64MiB"`.

use super::{pattern::quantity_between, period::parse_quantity, text::text_schema, text::text_serde, Malformed};
use std::{fmt, str::FromStr};

const UNITS: [(&str, u64); 5] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

/// `n` KiB in the unit of [`Size`]'s bounds.
#[must_use]
pub const fn kib(n: u64) -> u64 {
    n << 10
}

/// `n` MiB in the unit of [`Size`]'s bounds.
#[must_use]
pub const fn mib(n: u64) -> u64 {
    n << 20
}

/// `n` GiB in the unit of [`Size`]'s bounds.
#[must_use]
pub const fn gib(n: u64) -> u64 {
    n << 30
}

/// A size from `MIN` to `MAX` bytes, written as one whole number and one unit:
/// `B`, `KiB`, `MiB`, `GiB` or `TiB`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size<const MIN: u64, const MAX: u64>(u64);

impl<const MIN: u64, const MAX: u64> Size<MIN, MAX> {
    /// A size written in code.
    ///
    /// # Panics
    /// When `bytes` is out of range; meant for constants, where that stops the build.
    #[must_use]
    pub const fn literal(bytes: u64) -> Self {
        assert!(MIN <= bytes && bytes <= MAX, "size out of range");
        Self(bytes)
    }

    /// The size in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    fn expected() -> String {
        format!("a size from {} to {}, such as \"{}\"", Print(MIN), Print(MAX), Print(MIN.max(mib(64)).min(MAX)))
    }
}

/// Bytes in the largest unit that divides them.
struct Print(u64);

impl fmt::Display for Print {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (suffix, size) =
            UNITS.iter().rev().find(|(_, size)| self.0 != 0 && self.0.is_multiple_of(*size)).unwrap_or(&UNITS[0]);
        write!(f, "{}{suffix}", self.0 / size)
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Display for Size<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Print(self.0).fmt(f)
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Debug for Size<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const MIN: u64, const MAX: u64> FromStr for Size<MIN, MAX> {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse_quantity(text, &UNITS)
            .filter(|bytes| (MIN..=MAX).contains(bytes))
            .map(Self)
            .ok_or_else(|| Malformed::new(Self::expected()))
    }
}

text_serde!([const MIN: u64, const MAX: u64] Size<MIN, MAX>);
text_schema!(
    [const MIN: u64, const MAX: u64] Size<MIN, MAX>,
    format!("Size_{MIN}_{MAX}"),
    Self::expected(),
    quantity_between(MIN, MAX, &UNITS)
);
