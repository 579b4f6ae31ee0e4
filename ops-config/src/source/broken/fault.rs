//! The faults of a file that does not parse, each once.

use super::{
    mistake::Mistake,
    open::Open,
    outline::{header, Line, Outline},
    words::{explain, Words},
};
use crate::{
    diagnostic::{Code, KeyPath, Note, Origin, Text, Violation},
    schema,
};
use std::ops::Range;
use toml::de::DeTable;

/// How often the rest of a file is parsed again after a list that was not closed. More are told when these are mended.
const MAX_ROUNDS: usize = 8;

/// The faults of a file. What the parser finds in a line after a first fault is mostly a consequence of it.
pub(in super::super) fn violations(text: &Text, errors: &[toml::de::Error], outline: &Outline) -> Vec<Violation> {
    let mut finder = Finder { text, outline, line: None, conflict: false, violations: Vec::new() };
    let mut rest = finder.round(text.content(), &sorted(text.content(), errors));
    let mut content = text.content().to_owned();
    for _ in 1..MAX_ROUNDS {
        let Some((bracket, end)) = rest else { break };
        finder.violations.push(finder.never_closed(bracket));
        // The first thing said of the line that follows may be a fault of its own.
        finder.line = None;
        // As if the value were there and fit its place: the same bytes, so that places stay.
        let blank = format!("0{}\n", " ".repeat((end - bracket).saturating_sub(2)));
        content.replace_range(bracket..end, &blank);
        let (_, errors) = DeTable::parse_recoverable(&content);
        let behind: Vec<_> = sorted(&content, &errors).into_iter().filter(|(span, _)| span.start >= end).collect();
        rest = finder.round(&content, &behind);
    }
    finder.violations
}

fn sorted(content: &str, errors: &[toml::de::Error]) -> Vec<(Range<usize>, String)> {
    let place = |error: &toml::de::Error| error.span().unwrap_or_else(|| deepest(content));
    let mut errors: Vec<_> = errors.iter().map(|error| (place(error), error.message().to_owned())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    errors
}

/// Where the longest key begins: the parser does not say which is too long.
fn deepest(content: &str) -> Range<usize> {
    let mut begin = 0;
    let lines = content.split_inclusive('\n').map(|line| {
        begin += line.len();
        (line.matches('.').count(), begin - line.len())
    });
    let at = lines.max().map_or(0, |(_, begin)| begin);
    at..at
}

struct Finder<'t> {
    text: &'t Text,
    outline: &'t Outline,
    /// Where the line of the last fault begins.
    line: Option<usize>,
    /// Whether a conflict of git was told of: its lines are many, the mistake is one.
    conflict: bool,
    violations: Vec<Violation>,
}

impl Finder<'_> {
    /// Tells of the faults up to a value that is never closed: where that begins and what follows it.
    fn round(&mut self, content: &str, errors: &[(Range<usize>, String)]) -> Option<(usize, usize)> {
        let mut open = Open::new(content);
        for (span, message) in errors {
            let line = self.outline.line(span.start);
            if let Some(bracket) = open.bracket_at(line.span.start).filter(|at| *at < line.span.start) {
                if self.begins_anew(line, bracket) {
                    return Some((bracket, line.span.start));
                }
            }
            if self.line.replace(line.span.start) == Some(line.span.start) {
                continue;
            }
            // What is never closed is found at the end; the mistake is at its begin.
            let at_the_end = span.start >= content.trim_end().len();
            let bracket = if at_the_end { open.bracket_at(content.len()) } else { None };
            let violation = match (open.text, bracket) {
                (Some(begin), _) if at_the_end => {
                    Some(self.violation(begin..begin + 3, Words::unclosed_text(&content[begin..begin + 3])))
                }
                (_, Some(bracket)) => Some(self.never_closed(bracket)),
                _ => self.fault(span, message, line),
            };
            self.violations.extend(violation);
        }
        None
    }

    /// Whether a line within a bracket can only be what follows it: the header of a table, an assignment.
    fn begins_anew(&self, line: &Line, bracket: usize) -> bool {
        let content = self.text.content();
        let text = content[line.span.clone()].trim_start();
        if text.starts_with('[') {
            return header(text).is_some_and(|key| schema::at(&key).is_some());
        }
        let Some(key) = text.split_once('=').and_then(|(key, _)| super::dotted(key)) else { return false };
        let is_list = content.as_bytes()[bracket] == b'[';
        // A table may have assignments on lines of their own, but none that belongs to the table around it.
        let is_around = line.table.as_deref().is_some_and(|table| {
            let known = schema::known_keys(table, &serde_json::Value::Null);
            key.first().is_some_and(|name| known.contains(&name.as_str()))
        });
        is_list || is_around
    }

    fn never_closed(&self, bracket: usize) -> Violation {
        self.violation(bracket..bracket + 1, Words::unclosed(&self.text.content()[bracket..=bracket]))
    }

    fn fault(&mut self, span: &Range<usize>, message: &str, line: &Line) -> Option<Violation> {
        let content = self.text.content();
        if message == "duplicate key" || message.starts_with("cannot extend value") {
            return Some(self.twice(span, line));
        }
        let mistake = Mistake::new(content, span, message, line);
        if mistake.is_conflict() && std::mem::replace(&mut self.conflict, true) {
            return None;
        }
        Some(self.violation(span.clone(), explain(&mistake)))
    }

    fn twice(&self, span: &Range<usize>, line: &Line) -> Violation {
        let content = self.text.content();
        let first = self.outline.first(content, line).filter(|(_, first)| *first < line.span.start);
        let name = match &first {
            Some((key, _)) => key.to_string(),
            None => content.get(span.clone()).unwrap_or_default().trim().to_owned(),
        };
        let note = first.map(|(key, first)| {
            let line = self.outline.line(first);
            let begin = line.span.end - content[line.span.clone()].trim_start().len();
            let end = content[begin..line.span.end].find('=').map_or(line.span.end, |at| begin + at);
            let end = begin + content[begin..end].trim_end().len();
            Note { at: self.text.position(begin..end), text: format!("`{key}` is defined here first") }
        });
        let help = match &note {
            Some(first) => format!("remove one of the two, the first is in line {}", first.at.line),
            None => "remove one of the two".to_owned(),
        };
        let words = Words {
            found: format!("`{name}` is defined twice"),
            expected: "each key and table once".to_owned(),
            help: Some(help),
        };
        Violation { code: Code::DuplicateKey, notes: note.into_iter().collect(), ..self.violation(span.clone(), words) }
    }

    fn violation(&self, span: Range<usize>, Words { found, expected, help }: Words) -> Violation {
        Violation {
            code: Code::Syntax,
            key: KeyPath::root(),
            origin: Origin::File(self.text.position(span)),
            found: Some(found),
            expected,
            help,
            notes: Vec::new(),
        }
    }
}
