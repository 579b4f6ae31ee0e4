//! All faults at once.

use super::{render, Origin, Stage, Text, Violation};
use std::fmt;

/// All that is wrong with a configuration; at least one fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Where it was rejected: the earliest stage that any of the faults belongs to.
    pub stage: Stage,
    /// The faults in the order in which they were written: files by place, then variables, then `--set`.
    pub violations: Vec<Violation>,
    /// The files they are about.
    pub texts: Vec<Text>,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, with the lines at fault.
    Human {
        /// Whether colours are used.
        color: bool,
    },
    /// One JSON object.
    Json,
    /// GitHub's workflow commands, which put each fault at its line of a change.
    Github,
}

impl Report {
    /// A report of these faults, sorted; the same fault told twice is told once.
    #[must_use]
    pub fn new(mut violations: Vec<Violation>, texts: Vec<Text>) -> Self {
        violations.sort_by(|a, b| place(&a.origin, &texts).cmp(&place(&b.origin, &texts)).then(a.code.cmp(&b.code)));
        violations.dedup();
        let stage = violations.iter().map(|violation| violation.code.stage()).min().unwrap_or(Stage::Build);
        Self { stage, violations, texts }
    }

    /// The report as text. The human form ends with "3 to fix", without a line break, so that
    /// whoever prints it can say what happens meanwhile.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Human { color } => render::human(self, color),
            Format::Json => render::json(self),
            Format::Github => render::github(self),
        }
    }
}

impl fmt::Display for Report {
    /// For people, without colours.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Format::Human { color: false }))
    }
}

impl std::error::Error for Report {}

/// Where a fault stands in the order of a report.
fn place<'o>(origin: &'o Origin, texts: &[Text]) -> (u8, usize, usize, &'o str) {
    match origin {
        Origin::Default => (0, 0, 0, ""),
        Origin::File(at) => {
            let file = texts.iter().position(|text| text.path() == at.path.as_path()).unwrap_or(texts.len());
            (1, file, at.span.start, "")
        }
        Origin::Variable(name) => (2, 0, 0, name),
        Origin::Set(key) => (3, 0, 0, key),
    }
}
