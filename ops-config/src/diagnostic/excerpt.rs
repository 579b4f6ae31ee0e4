//! One line of a file, as far as it may be shown.

use crate::value::MASK;
use std::ops::Range;

/// Longer lines are cut to what lies around the mark.
const MAX_LINE: usize = 160;

/// One line of a file that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line without its break, secrets masked; of a long one what lies around the mark.
    pub line: String,
    /// The bytes of `line` that are meant.
    pub marked: Range<usize>,
}

impl Excerpt {
    /// What is shown of the line at `line`, `hidden` masked (rising and apart), `meant` marked.
    ///
    /// Costs what is shown, not what the line holds: a whole file may be one line with a fault
    /// at each of its values.
    pub(super) fn of(content: &str, line: Range<usize>, meant: &Range<usize>, hidden: &[Range<usize>]) -> Self {
        let meant = meant.start.clamp(line.start, line.end)..meant.end.clamp(line.start, line.end);
        let shown = window(content, &line, meant.start);
        let mut copy = Copy { content, meant, line: String::with_capacity(shown.len()), marked: 0..0 };
        if shown.start > line.start {
            copy.line.push('…');
        }
        copy.marked = copy.line.len()..copy.line.len();
        let mut copied = shown.start;
        let first = hidden.partition_point(|range| range.end <= shown.start);
        for range in hidden[first..].iter().take_while(|range| range.start < shown.end) {
            let range = range.start.max(shown.start)..range.end.min(shown.end);
            copy.plain(copied..range.start);
            copy.mask(&range);
            copied = range.end;
        }
        copy.plain(copied..shown.end);
        if shown.end < line.end {
            copy.line.push('…');
        }
        Self { line: copy.line, marked: copy.marked }
    }
}

/// The part of a line that is shown: all, or what lies around `at`.
fn window(content: &str, line: &Range<usize>, at: usize) -> Range<usize> {
    if line.len() <= MAX_LINE {
        return line.clone();
    }
    let begin = content.floor_char_boundary(at.saturating_sub(MAX_LINE / 2)).max(line.start);
    begin..content.floor_char_boundary(begin + MAX_LINE).min(line.end)
}

struct Copy<'c> {
    content: &'c str,
    meant: Range<usize>,
    line: String,
    marked: Range<usize>,
}

impl Copy<'_> {
    /// Copies a part that may be shown, and marks what of it is meant.
    fn plain(&mut self, from: Range<usize>) {
        let begin = self.line.len();
        self.line.push_str(&self.content[from.clone()]);
        for (place, target) in [(self.meant.start, &mut self.marked.start), (self.meant.end, &mut self.marked.end)] {
            if from.contains(&place) || place == from.end {
                *target = begin + place - from.start;
            }
        }
        // What is meant goes on beyond the part of the line that is shown.
        if self.meant.start <= from.end && self.meant.end > from.end {
            self.marked.end = self.line.len();
        }
    }

    /// Writes the mask, marked as a whole where what is meant begins or ends within what it hides.
    fn mask(&mut self, hidden: &Range<usize>) {
        let begin = self.line.len();
        self.line.push_str(MASK);
        if hidden.contains(&self.meant.start) {
            self.marked.start = begin;
        }
        if self.meant.start < hidden.end && self.meant.end > hidden.start {
            self.marked.end = self.line.len();
        }
    }
}
