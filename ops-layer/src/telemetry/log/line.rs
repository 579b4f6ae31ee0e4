//! A log line while it is made: bounded, and safe from what is put in it.
//!
//! A field may be megabytes long, and a client may have chosen it. What goes beyond the
//! bound is left out, and the line ends as a line should: a reader that splits at line
//! breaks and reads JSON is never given half an object.

use std::fmt;

/// The most bytes of a line, its line break included.
pub(super) const LONGEST: usize = 16 << 10;

/// Bytes kept free for what closes a line: the ids, the brackets, the sign that it was cut.
const CLOSING: usize = 256;

/// Stands where something was cut.
const CUT: char = '…';

/// A line with its bound.
#[derive(Debug)]
pub(super) struct Line<'l> {
    text: &'l mut String,
    end: usize,
    is_cut: bool,
}

impl<'l> Line<'l> {
    pub(super) const fn new(text: &'l mut String) -> Self {
        Self { text, end: LONGEST - CLOSING, is_cut: false }
    }

    /// Whether something had to be left out.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether there is room for so much; once there was not, nothing more is taken.
    pub(super) fn has_room(&mut self, bytes: usize) -> bool {
        self.is_cut |= self.text.len() + bytes > self.end;
        !self.is_cut
    }

    /// What belongs to the line itself, as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// The buffer, for what is as safe as it is short.
    pub(super) const fn buffer(&mut self) -> &mut String {
        self.text
    }

    /// A text as a JSON string, quotes included.
    pub(super) fn quoted(&mut self, text: &str) {
        self.text.push('"');
        // The bound is noted in the line; there is no other fault.
        let _ = self.escape(text);
        self.text.push('"');
    }

    /// What is formatted, as a JSON string.
    pub(super) fn quoted_arguments(&mut self, text: fmt::Arguments<'_>) {
        self.text.push('"');
        // A `Debug` of the program's that fails leaves what it wrote so far; at the bound it is stopped.
        let _ = fmt::write(&mut Quoted(self), text);
        self.text.push('"');
    }

    /// What is formatted, for people: control characters would let one event look like two lines.
    pub(super) fn plain(&mut self, text: fmt::Arguments<'_>) {
        let _ = fmt::write(&mut Plain(self), text);
    }

    fn escape(&mut self, text: &str) -> fmt::Result {
        let bytes = text.as_bytes();
        let mut from = 0;
        while let Some(at) = next_special(bytes, from) {
            self.run(&text[from..at])?;
            let byte = bytes[at];
            if !self.has_room(6) {
                self.text.push(CUT);
                return Err(fmt::Error);
            }
            match byte {
                b'"' => self.text.push_str("\\\""),
                b'\\' => self.text.push_str("\\\\"),
                b'\n' => self.text.push_str("\\n"),
                b'\r' => self.text.push_str("\\r"),
                b'\t' => self.text.push_str("\\t"),
                _ => fmt::Write::write_fmt(self.text, format_args!("\\u{byte:04x}"))?,
            }
            from = at + 1;
        }
        self.run(&text[from..])
    }

    /// A text with nothing in it that must be escaped, as far as there is room.
    fn run(&mut self, text: &str) -> fmt::Result {
        if self.is_cut {
            return Err(fmt::Error);
        }
        let room = self.end.saturating_sub(self.text.len());
        if text.len() <= room {
            self.text.push_str(text);
            return Ok(());
        }
        self.is_cut = true;
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
        self.text.push(CUT);
        Err(fmt::Error)
    }
}

struct Quoted<'w, 'l>(&'w mut Line<'l>);

impl fmt::Write for Quoted<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.escape(text)
    }
}

struct Plain<'w, 'l>(&'w mut Line<'l>);

impl fmt::Write for Plain<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut runs = text.split(char::is_control);
        self.0.run(runs.next().unwrap_or_default())?;
        runs.try_for_each(|run| {
            self.0.run(" ")?;
            self.0.run(run)
        })
    }
}

/// The place, from `from` on, of the next byte that JSON does not take as it is.
fn next_special(bytes: &[u8], from: usize) -> Option<usize> {
    let is_special = |byte: &u8| matches!(byte, 0..=0x1f | b'"' | b'\\' | 0x7f);
    let (words, rest) = bytes[from..].as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        // Eight bytes at once: most texts have nothing to be escaped.
        if may_be_special(u64::from_le_bytes(*word)) {
            if let Some(at) = word.iter().position(is_special) {
                return Some(from + index * 8 + at);
            }
        }
    }
    rest.iter().position(is_special).map(|at| bytes.len() - rest.len() + at)
}

/// Whether any of eight bytes is special. It may say yes for none, never no for one.
const fn may_be_special(word: u64) -> bool {
    const EACH: u64 = u64::MAX / 255;
    const HIGH: u64 = EACH * 0x80;
    const fn below(word: u64, bound: u64) -> u64 {
        word.wrapping_sub(EACH * bound) & !word
    }
    let quote = below(word ^ (EACH * 0x22), 1);
    let backslash = below(word ^ (EACH * 0x5c), 1);
    let delete = below(word ^ (EACH * 0x7f), 1);
    (below(word, 0x20) | quote | backslash | delete) & HIGH != 0
}

#[cfg(test)]
mod tests {
    use super::{next_special, Line, CLOSING, LONGEST};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_byte_that_must_be_escaped_is_found_where_it_stands(
            text in prop::collection::vec(prop_oneof![4 => 0x20u8..0x7f, 1 => any::<u8>()], 0..40),
            from in 0usize..40,
        ) {
            let from = from.min(text.len());
            let special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\' || byte == 0x7f;
            let expected = (from..text.len()).find(|at| special(text[*at]));
            prop_assert_eq!(next_special(&text, from), expected);
        }

        #[test]
        fn a_string_is_json_wherever_it_is_cut(text in ".{0,60}", filled in LONGEST - 400..LONGEST - CLOSING) {
            let mut buffer = " ".repeat(filled);
            let mut line = Line::new(&mut buffer);
            line.quoted(&text);
            line.quoted_arguments(format_args!("{text:?}"));
            let is_cut = line.is_cut();
            let strings = serde_json::Deserializer::from_str(buffer.trim_start()).into_iter::<String>();
            let strings: Vec<String> = strings.map(|read| read.expect("JSON")).collect();
            prop_assert_eq!(strings.len(), 2);
            prop_assert!(buffer.len() < LONGEST);
            if !is_cut {
                prop_assert_eq!(&strings[0], &text);
                prop_assert_eq!(&strings[1], &format!("{text:?}"));
            }
        }
    }
}
