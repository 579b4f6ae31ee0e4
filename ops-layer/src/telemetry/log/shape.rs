//! What all lines of one place in the code have in common.
//!
//! The level, the target, the event's name, which field is the message and which hold
//! secrets are the same each time: they are found out once for a place, a thread and a
//! configuration, and remembered.

use super::{line::Line, settings::LogSettings};
use ops_config::section::LogFormat;
use std::fmt::Write;
use tracing::{field::Field, Level, Metadata};

/// Fields that have a bit of their own; those beyond are asked by name.
const BITS: usize = 64;

/// What all lines of one place in the code have in common, under one configuration.
#[derive(Debug)]
pub(super) struct Shape {
    metadata: &'static Metadata<'static>,
    /// Whether its events are logged at all.
    pub(super) is_logged: bool,
    /// What stands between the time and the message.
    pub(super) head: String,
    /// Which field is the message.
    pub(super) message: Option<usize>,
    masked: u64,
    repeated: u64,
}

impl Shape {
    pub(super) fn new(metadata: &'static Metadata<'static>, settings: &LogSettings, is_coloured: bool) -> Self {
        let is_logged = settings.levels.logs(metadata);
        let mut shape = Self { metadata, is_logged, head: String::new(), message: None, masked: 0, repeated: 0 };
        if is_logged {
            shape.head = match settings.format {
                LogFormat::Json => json_head(metadata, &settings.service),
                LogFormat::Pretty => pretty_head(metadata, is_coloured),
            };
            for field in metadata.fields() {
                let (index, name) = (field.index(), name_of(&field));
                if name == "message" {
                    shape.message = Some(index);
                }
                let Some(bit) = bit(index) else { break };
                shape.masked |= if settings.masks(name) { bit } else { 0 };
                shape.repeated |= if shape.comes_again(&field, u64::MAX) { bit } else { 0 };
            }
        }
        shape
    }

    /// Whether it is the shape of this place.
    pub(super) fn is_of(&self, metadata: &Metadata<'_>) -> bool {
        std::ptr::from_ref(self.metadata).addr() == std::ptr::from_ref(metadata).addr()
    }

    /// Whether the message comes after other fields, so that it has to be looked for.
    pub(super) fn has_late_message(&self) -> bool {
        self.message.is_some_and(|index| index > 0)
    }

    /// Whether a field's value is masked.
    pub(super) fn masks(&self, field: &Field, settings: &LogSettings) -> bool {
        match bit(field.index()) {
            Some(bit) => self.masked & bit != 0,
            None => settings.masks(name_of(field)),
        }
    }

    /// Whether names come twice, so that it has to be known which fields an event has.
    pub(super) const fn has_repeated(&self) -> bool {
        self.repeated != 0
    }

    /// Whether a field of the same name that is `present` comes later, which then is the one that is
    /// written: readers of JSON differ on what a name means that comes twice.
    pub(super) fn is_repeated(&self, field: &Field, present: u64) -> bool {
        match bit(field.index()) {
            Some(bit) => self.repeated & bit != 0 && self.comes_again(field, present),
            None => self.comes_again(field, present),
        }
    }

    fn comes_again(&self, field: &Field, present: u64) -> bool {
        let mut later = self.metadata.fields().iter().filter(|other| other.index() > field.index());
        // Those without a bit are taken to be there.
        let is_present = |other: &Field| bit(other.index()).is_none_or(|bit| present & bit != 0);
        later.any(|other| name_of(&other) == name_of(field) && is_present(&other))
    }
}

pub(super) fn bit(index: usize) -> Option<u64> {
    (index < BITS).then(|| 1 << index)
}

/// A field's name as its author meant it: a Rust keyword has to be written `r#type`.
pub(super) fn name_of(field: &Field) -> &'static str {
    let name = field.name();
    name.strip_prefix("r#").unwrap_or(name)
}

/// The event's name, if its author gave it one; `tracing` names the others by their place in the source.
pub(super) fn event_name(metadata: &Metadata<'static>) -> Option<&'static str> {
    let name = metadata.name();
    (!name.starts_with("event ")).then_some(name)
}

fn json_head(metadata: &Metadata<'static>, service: &str) -> String {
    let mut text = String::new();
    let mut line = Line::new(&mut text);
    line.push("\",\"level\":");
    line.quoted(metadata.level().as_str());
    line.push(",\"service\":");
    line.quoted(service);
    line.push(",\"target\":");
    line.quoted(metadata.target());
    if let Some(name) = event_name(metadata) {
        line.push(",\"event\":");
        line.quoted(name);
    }
    line.push(",\"message\":");
    text
}

fn pretty_head(metadata: &Metadata<'static>, is_coloured: bool) -> String {
    let mut text = String::new();
    let level = metadata.level();
    let (colour, dim, end) = if is_coloured { (colour(*level), "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
    let mut line = Line::new(&mut text);
    line.push(end);
    let _ = write!(line.buffer(), " {colour}{:<5}{end} {dim}", level.as_str());
    line.plain(format_args!("{}", metadata.target()));
    line.push(end);
    if let Some(name) = event_name(metadata) {
        line.plain(format_args!(" {name}"));
    }
    text
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}
