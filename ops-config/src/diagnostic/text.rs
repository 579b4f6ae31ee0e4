//! The text of a file, with what must not be shown of it.

use super::Position;
use crate::value::MASK;
use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The content of one file. It knows where its secrets stand; an [`Excerpt`] of
/// it has them masked, and so has its `Debug`.
#[derive(Clone)]
pub struct Text {
    path: Arc<PathBuf>,
    content: Arc<str>,
    /// Where each line begins.
    lines: Arc<[usize]>,
    /// The bytes not to be shown, rising and apart. Nothing is known to be harmless before they are known.
    hidden: Option<Arc<[Range<usize>]>>,
}

/// One line of a file that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line without its break, secrets masked.
    pub line: String,
    /// The bytes of `line` that are meant.
    pub marked: Range<usize>,
}

impl Text {
    /// The content of a file. No line of it is shown until it is known what must be hidden.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, content: impl Into<Arc<str>>) -> Self {
        let content = content.into();
        let starts = content.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { path: Arc::new(path.into()), content, lines, hidden: None }
    }

    /// The same text, all of which may be shown but for `ranges`.
    #[must_use]
    pub(crate) fn hiding(&self, mut ranges: Vec<Range<usize>>) -> Self {
        ranges.sort_by_key(|range| range.start);
        ranges.dedup_by(|next, before| {
            let joined = next.start <= before.end;
            if joined {
                before.end = before.end.max(next.end);
            }
            joined
        });
        Self { hidden: Some(ranges.into()), ..self.clone() }
    }

    /// The file, as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole content, secrets included.
    pub(crate) fn content(&self) -> &str {
        &self.content
    }

    /// The place of some bytes of it.
    #[must_use]
    pub fn position(&self, span: Range<usize>) -> Position {
        let mut start = span.start.min(self.content.len());
        while !self.content.is_char_boundary(start) {
            start -= 1;
        }
        let line = self.lines.partition_point(|begin| *begin <= start);
        let column = self.content[self.lines[line - 1]..start].chars().count() + 1;
        Position { path: Arc::clone(&self.path), line, column, span }
    }

    /// The line of a place, with the part of it that is meant. None when the line must not be shown.
    #[must_use]
    pub fn excerpt(&self, at: &Position) -> Option<Excerpt> {
        let hidden = self.hidden.as_deref()?;
        let begin = *self.lines.get(at.line.checked_sub(1)?)?;
        let end = self.lines.get(at.line).map_or(self.content.len(), |next| next - 1);
        let end = begin + self.content[begin..end].trim_end_matches('\r').len();
        let meant = at.span.start.clamp(begin, end)..at.span.end.clamp(begin, end);

        let mut line = String::with_capacity(end - begin);
        let mut marked = 0..0;
        let mut copied = begin;
        for range in hidden.iter().filter(|range| range.start < end && range.end > begin) {
            let range = range.start.max(begin)..range.end.min(end);
            self.copy(&mut line, &mut marked, copied..range.start, &meant);
            let mask = line.len()..line.len() + MASK.len();
            line.push_str(MASK);
            mark(&mut marked, &range, &mask, &meant);
            copied = range.end;
        }
        self.copy(&mut line, &mut marked, copied..end, &meant);
        Some(Excerpt { line, marked })
    }

    /// Copies a part that may be shown, and marks what of it is meant.
    fn copy(&self, line: &mut String, marked: &mut Range<usize>, from: Range<usize>, meant: &Range<usize>) {
        for (place, target) in [(meant.start, &mut marked.start), (meant.end, &mut marked.end)] {
            if from.contains(&place) || place == from.end {
                *target = line.len() + place - from.start;
            }
        }
        line.push_str(&self.content[from]);
    }
}

/// Marks a mask as a whole where the meant part begins or ends within what it hides.
fn mark(marked: &mut Range<usize>, hidden: &Range<usize>, mask: &Range<usize>, meant: &Range<usize>) {
    if hidden.contains(&meant.start) {
        marked.start = mask.start;
    }
    if meant.end > hidden.start && meant.end <= hidden.end {
        marked.end = mask.end;
    }
}

impl PartialEq for Text {
    /// Equal when the file and its content are.
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.content == other.content
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({}, {} bytes)", self.path.display(), self.content.len())
    }
}
