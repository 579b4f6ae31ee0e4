//! The text of a file, with what must not be shown of it.

use super::{Excerpt, Position};
use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Bytes between two counts of characters.
const BLOCK: usize = 64;

/// The content of one file. It knows where its secrets stand; an [`Excerpt`] of
/// it has them masked, and so has its `Debug`.
#[derive(Clone)]
pub struct Text {
    path: Arc<PathBuf>,
    content: Arc<str>,
    /// Where each line begins.
    lines: Arc<[usize]>,
    /// How many characters stand before each block: a column far out in a long line is not counted from its beginning.
    chars: Arc<[usize]>,
    /// The bytes not to be shown, rising and apart. Nothing is known to be harmless before they are known.
    hidden: Option<Arc<[Range<usize>]>>,
}

impl Text {
    /// The content of a file. No line of it is shown until it is known what must be hidden.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, content: impl Into<Arc<str>>) -> Self {
        let content = content.into();
        let starts = content.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        let before = content.as_bytes().chunks(BLOCK).scan(0, |sum, block| {
            *sum += chars(block);
            Some(*sum)
        });
        let chars = std::iter::once(0).chain(before).collect();
        Self { path: Arc::new(path.into()), content, lines, chars, hidden: None }
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
        let column = self.chars_before(start) - self.chars_before(self.lines[line - 1]) + 1;
        Position { path: Arc::clone(&self.path), line, column, span }
    }

    /// The line of a place, with the part of it that is meant. None when the line must not be shown.
    #[must_use]
    pub fn excerpt(&self, at: &Position) -> Option<Excerpt> {
        let hidden = self.hidden.as_deref()?;
        let begin = *self.lines.get(at.line.checked_sub(1)?)?;
        let end = self.lines.get(at.line).map_or(self.content.len(), |next| next - 1);
        let end = begin + self.content[begin..end].trim_end_matches('\r').len();
        Some(Excerpt::of(&self.content, begin..end, &at.span, hidden))
    }

    /// How many characters stand before a byte.
    fn chars_before(&self, at: usize) -> usize {
        let block = at / BLOCK;
        self.chars[block] + chars(&self.content.as_bytes()[block * BLOCK..at])
    }
}

/// How many characters begin in some bytes of UTF-8.
fn chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
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
