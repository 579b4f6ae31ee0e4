//! Which log lines are written: `"info"`, `"info,ops_layer=debug"`.

use super::{text::text_schema, text::text_serde, Malformed};
use std::{fmt, str::FromStr};

const EXPECTED: &str = "a level (off, error, warn, info, debug, trace) or a filter such as \"info,ops_layer=debug\"";
const PATTERN: &str = "^(?:off|error|warn|info|debug|trace)(?:,[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*=(?:off|error|warn|info|debug|trace))*$";

/// How much is logged; each level contains those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing.
    Off,
    /// Faults that need a person.
    Error,
    /// What may become a fault.
    Warn,
    /// What an operator wants to know happened.
    Info,
    /// What a developer wants to see.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Off, "off"),
        (Self::Error, "error"),
        (Self::Warn, "warn"),
        (Self::Info, "info"),
        (Self::Debug, "debug"),
        (Self::Trace, "trace"),
    ];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(level, _)| *level)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL[*self as usize].1)
    }
}

/// A level for everything, then levels for single modules and what is below them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogFilter {
    level: Level,
    targets: Vec<(String, Level)>,
}

impl LogFilter {
    /// The same level everywhere.
    #[must_use]
    pub const fn level(level: Level) -> Self {
        Self { level, targets: Vec::new() }
    }

    /// The level where no target says otherwise.
    #[must_use]
    pub const fn default_level(&self) -> Level {
        self.level
    }

    /// Levels of single targets, as written.
    pub fn targets(&self) -> impl Iterator<Item = (&str, Level)> {
        self.targets.iter().map(|(target, level)| (target.as_str(), *level))
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.level.fmt(f)?;
        self.targets.iter().try_for_each(|(target, level)| write!(f, ",{target}={level}"))
    }
}

impl FromStr for LogFilter {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse(text).ok_or_else(|| Malformed::new(EXPECTED))
    }
}

fn parse(text: &str) -> Option<LogFilter> {
    let mut parts = text.split(',');
    let level = Level::parse(parts.next()?)?;
    let targets = parts
        .map(|part| {
            let (target, level) = part.split_once('=')?;
            target.split("::").all(is_identifier).then_some((target.to_owned(), Level::parse(level)?))
        })
        .collect::<Option<_>>()?;
    Some(LogFilter { level, targets })
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

text_serde!(LogFilter);
text_schema!(LogFilter, "LogFilter", EXPECTED, PATTERN);
