//! A report as text: for people, for programs, for GitHub.

use super::{Origin, Report, Violation};
use annotate_snippets::{AnnotationKind, Group, Level, Origin as Place, Renderer, Snippet};
use serde_json::{json, Value};
use std::fmt::Write;

/// As rustc writes: headline, place, line, mark, help.
pub(super) fn human(report: &Report, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for violation in &report.violations {
        text.push_str(renderer.render(&[group(report, violation)]).trim_end());
        text.push_str("\n\n");
    }
    let _infallible = write!(text, "{} to fix", report.violations.len());
    text
}

fn group<'r>(report: &'r Report, violation: &'r Violation) -> Group<'r> {
    let title = Level::ERROR.primary_title(violation.headline()).id(violation.code.to_string());
    let group = match &violation.origin {
        Origin::Default => Group::with_title(title),
        Origin::File(at) => {
            let path = at.path.display().to_string();
            let text = report.texts.iter().find(|text| text.path() == at.path.as_path());
            // A fault of the whole file (empty, not UTF-8) has no line that would say more.
            let excerpt = text.filter(|_| !violation.code.label().is_empty()).and_then(|text| text.excerpt(at));
            match excerpt {
                Some(excerpt) => {
                    let mark = AnnotationKind::Primary.span(excerpt.marked).label(violation.code.label());
                    let place = Place::path(path).line(at.line).char_column(at.column);
                    let snippet = Snippet::source(excerpt.line).line_start(at.line).annotation(mark);
                    Group::with_title(title).element(place).element(snippet)
                }
                None if at.span.is_empty() && at.span.start == 0 => title.element(Place::path(path)),
                None => title.element(Place::path(path).line(at.line).char_column(at.column)),
            }
        }
        origin => title.element(Place::path(origin.to_string())),
    };
    match &violation.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// One object with everything that a person would read.
pub(super) fn json(report: &Report) -> String {
    let violations: Vec<Value> = report.violations.iter().map(violation_json).collect();
    let value = json!({ "stage": report.stage.to_string(), "count": violations.len(), "violations": violations });
    format!("{value:#}")
}

fn violation_json(violation: &Violation) -> Value {
    let mut value = json!({
        "code": violation.code.to_string(),
        "title": violation.code.title(),
        "message": violation.headline(),
        "key": violation.key.to_string(),
        "origin": violation.origin.to_string(),
        "found": violation.found,
        "expected": violation.expected,
        "help": violation.help,
    });
    if let (Some(at), Some(object)) = (violation.origin.position(), value.as_object_mut()) {
        object.insert("path".into(), at.path.display().to_string().into());
        object.insert("line".into(), at.line.into());
        object.insert("column".into(), at.column.into());
    }
    value
}

/// One `::error` line a fault.
pub(super) fn github(report: &Report) -> String {
    let mut text = String::new();
    for violation in &report.violations {
        let place = violation.origin.position().map_or_else(String::new, |at| {
            format!("file={},line={},col={},", property(&at.path.display().to_string()), at.line, at.column)
        });
        let mut message = violation.headline();
        if violation.origin.position().is_none() {
            message = format!("{}: {message}", violation.origin);
        }
        if let Some(help) = &violation.help {
            let _infallible = write!(message, "\n{help}");
        }
        let title = property(&format!("{}: {}", violation.code, violation.code.title()));
        let _infallible = writeln!(text, "::error {place}title={title}::{}", data(&message));
    }
    text
}

/// A message, escaped as workflow commands need it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, which must not hold its separators either.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
