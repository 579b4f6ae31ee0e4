//! JSON, written straight into a buffer.

use std::fmt;

/// Writes a text as a JSON string, quotes included.
pub(super) fn string(line: &mut String, text: &str) {
    line.push('"');
    escape(line, text);
    line.push('"');
}

/// Writes anything that can be shown as a JSON string.
pub(super) fn display(line: &mut String, value: impl fmt::Display) {
    debug(line, format_args!("{value}"));
}

/// Writes the formatted text as a JSON string.
pub(super) fn debug(line: &mut String, text: fmt::Arguments<'_>) {
    line.push('"');
    // A `Debug` of the program's that fails leaves what it wrote so far.
    let _ = fmt::write(&mut Escaping(line), text);
    line.push('"');
}

/// Writes a number; JSON has none that are not finite, so those are texts.
pub(super) fn number(line: &mut String, value: f64) {
    let text = format_args!("{value:?}");
    if value.is_finite() {
        let _ = fmt::write(line, text);
    } else {
        debug(line, text);
    }
}

struct Escaping<'l>(&'l mut String);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(self.0, text);
        Ok(())
    }
}

fn escape(line: &mut String, text: &str) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f | 0x7f => "",
            _ => continue,
        };
        // Every byte above is a character of its own.
        line.push_str(&text[from..at]);
        from = at + 1;
        if escape.is_empty() {
            let _ = fmt::Write::write_fmt(line, format_args!("\\u{byte:04x}"));
        } else {
            line.push_str(escape);
        }
    }
    line.push_str(&text[from..]);
}
