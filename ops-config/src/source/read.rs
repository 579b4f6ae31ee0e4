//! Reading a file, and refusing what cannot be a whole configuration.
//!
//! Each refusal here once wiped a live configuration somewhere: an empty or
//! truncated file read as "all defaults".

use crate::diagnostic::{Code, KeyPath, Origin, Position, Text, Violation};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

/// The size above which a file is surely not the configuration.
const MAX_BYTES: u64 = 1 << 20;

const WHOLE: &str = "a configuration with at least `version = 1`";

/// The text of a file of which `bytes` is what reading gave.
pub(super) fn file(path: &Path, bytes: io::Result<Vec<u8>>) -> Result<Text, Box<Violation>> {
    match bytes {
        Ok(bytes) => text(path, bytes),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// At most one byte more than may be; a folder, a pipe or a device is an error before it is opened,
/// because opening a pipe would wait for its writer.
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !kind.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    all(File::open(path)?)
}

/// At most one byte more than may be.
pub(super) fn all(content: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    content.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Box<Violation> {
    let whole = "a readable file";
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            refusal(path, Code::Missing, "not there", whole, "name a file that is there")
        }
        io::ErrorKind::IsADirectory => {
            let help = format!("name a file in it, such as {}", path.join("ops.toml").display());
            refusal(path, Code::Unreadable, "a folder", whole, help)
        }
        io::ErrorKind::PermissionDenied => {
            let found = "closed to this process (permission denied)";
            refusal(path, Code::Unreadable, found, whole, "let the process's user read it")
        }
        io::ErrorKind::InvalidInput => {
            refusal(path, Code::Unreadable, "a pipe, socket or device", whole, "name a regular file")
        }
        _ => {
            let help = "see where the path leads: to a file that can be read";
            refusal(path, Code::Unreadable, format!("unreadable ({error})"), whole, help)
        }
    }
}

/// The text in a file's bytes, without a byte order mark.
pub(super) fn text(path: &Path, bytes: Vec<u8>) -> Result<Text, Box<Violation>> {
    if bytes.len() as u64 > MAX_BYTES {
        let help = "name the right file";
        return Err(refusal(path, Code::TooLarge, "larger than 1 MiB", "a configuration of at most 1 MiB", help));
    }
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, error.as_bytes(), error.utf8_error()))?;
    // Editors do not count the mark as a column, so it goes before places are counted.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    let help = "if this was a save that failed, save again; a file that should change nothing says `version = 1`";
    if lines.peek().is_none() {
        return Err(refusal(path, Code::Empty, "empty", WHOLE, help));
    }
    if lines.all(|line| line.starts_with('#')) {
        return Err(refusal(path, Code::Empty, "only comments", WHOLE, help));
    }
    Ok(Text::new(path, text))
}

fn not_utf8(path: &Path, bytes: &[u8], error: std::str::Utf8Error) -> Box<Violation> {
    let before = &bytes[..error.valid_up_to()];
    let line = before.split(|byte| *byte == b'\n').count();
    let found = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16".to_owned(),
        _ => format!("not UTF-8 in line {line}"),
    };
    refusal(path, Code::NotUtf8, found, "a text in UTF-8", "save it as UTF-8, in the editor under \"encoding\"")
}

fn refusal(
    path: &Path,
    code: Code,
    found: impl Into<String>,
    expected: &str,
    help: impl Into<String>,
) -> Box<Violation> {
    Box::new(Violation {
        code,
        key: KeyPath::root(),
        origin: Origin::File(Position { path: Arc::new(path.to_owned()), line: 1, column: 1, span: 0..0 }),
        found: Some(found.into()),
        expected: expected.to_owned(),
        help: Some(help.into()),
        notes: Vec::new(),
    })
}
