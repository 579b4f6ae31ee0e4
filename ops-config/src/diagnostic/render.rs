//! A report as text: for people, for programs, for GitHub.

use super::{Excerpt, Note, Origin, Position, Report, Violation};
use serde_json::{json, Value};
use std::fmt::Write;

/// Who sees more faults than this has the wrong file. Programs are given all.
const MAX_PRINTED: usize = 100;

/// The parts of the human form that are coloured, as rustc does.
struct Paint {
    error: &'static str,
    frame: &'static str,
    strong: &'static str,
    end: &'static str,
}

const PLAIN: Paint = Paint { error: "", frame: "", strong: "", end: "" };
const COLOR: Paint = Paint { error: "\x1b[1;91m", frame: "\x1b[1;94m", strong: "\x1b[1m", end: "\x1b[0m" };

/// As rustc writes: headline, place, line, mark, help.
///
/// Of our own: a library that lays out snippets counts columns in the line it is given, and ours
/// has its secrets masked.
pub(super) fn human(report: &Report, color: bool) -> String {
    let paint = if color { COLOR } else { PLAIN };
    let mut text = String::new();
    for violation in report.violations.iter().take(MAX_PRINTED) {
        one(&mut text, report, violation, &paint);
        text.push('\n');
    }
    let count = report.violations.len();
    if let Some(more) = count.checked_sub(MAX_PRINTED).filter(|more| *more > 0) {
        push(&mut text, format_args!("… and {more} more; the form for programs has all of them\n\n"));
    }
    push(&mut text, format_args!("{count} to fix"));
    text
}

fn one(text: &mut String, report: &Report, violation: &Violation, paint: &Paint) {
    let Paint { error, frame, strong, end } = paint;
    let headline = printable(&violation.headline());
    push(text, format_args!("{error}error[{}]{end}{strong}: {headline}{end}\n", violation.code));
    // A fault of the whole file (empty, not UTF-8) has no line that would say more.
    let of_a_line = !violation.code.label().is_empty();
    let at = violation.origin.position().filter(|_| of_a_line);
    let place = match &violation.origin {
        Origin::File(at) if !of_a_line => at.path.display().to_string(),
        origin => origin.to_string(),
    };
    let gutter = snippet(text, report, &place, at, ("^", error, violation.code.label()), paint);
    if let Some(help) = &violation.help {
        push(text, format_args!("{gutter} {frame}={end} {strong}help{end}: {}\n", printable(help)));
    }
    for Note { at, text: note } in &violation.notes {
        push(text, format_args!("{strong}note{end}: {}\n", printable(note)));
        snippet(text, report, &Origin::File(at.clone()).to_string(), Some(at), ("-", frame, ""), paint);
    }
}

/// A place and, where it may be shown, its line with a mark (sign, colour, what stands beside it).
/// Gives the margin that goes before what else is said of it.
fn snippet(
    text: &mut String,
    report: &Report,
    place: &str,
    at: Option<&Position>,
    (sign, color, label): (&str, &str, &str),
    Paint { frame, end, .. }: &Paint,
) -> String {
    let file = at.and_then(|at| report.texts.iter().find(|text| text.path() == at.path.as_path()));
    let excerpt = at.zip(file).and_then(|(at, file)| Some((at.line.to_string(), file.excerpt(at)?)));
    let Some((line, Excerpt { line: shown, marked })) = excerpt else {
        push(text, format_args!(" {frame}-->{end} {}\n", printable(place)));
        return " ".to_owned();
    };
    let gutter = " ".repeat(line.len());
    let before: String = shown[..marked.start].chars().flat_map(blank).collect();
    let width = shown[marked].chars().flat_map(blank).count().max(1);
    let mark = format!("{} {label}", sign.repeat(width));
    push(text, format_args!("{gutter}{frame}-->{end} {}\n", printable(place)));
    push(text, format_args!("{gutter} {frame}|{end}\n"));
    push(text, format_args!("{frame}{line} |{end} {}\n", printable(&shown)));
    push(text, format_args!("{gutter} {frame}|{end} {before}{color}{}{end}\n", mark.trim_end()));
    gutter
}

fn push(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing into a `String` cannot fail.
    let _infallible = text.write_fmt(part);
}

/// A text that moves no cursor: what a file holds must not command the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// The space that a character takes. Tabs stay, so that they end where they end in the line above.
fn blank(c: char) -> impl Iterator<Item = char> {
    let wide = matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd);
    let space = if c == '\t' { '\t' } else { ' ' };
    std::iter::repeat_n(space, if wide { 2 } else { 1 })
}

/// One object with everything that a person would read.
pub(super) fn json(report: &Report) -> String {
    let violations: Vec<Value> = report.violations.iter().map(Violation::to_json).collect();
    let value = json!({ "stage": report.stage.to_string(), "count": violations.len(), "violations": violations });
    format!("{value:#}")
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
            push(&mut message, format_args!("\n{help}"));
        }
        let title = property(&format!("{}: {}", violation.code, violation.code.title()));
        push(&mut text, format_args!("::error {place}title={title}::{}\n", data(&message)));
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
