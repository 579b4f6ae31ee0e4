//! The smallest fix, in the words of whoever would make it.

use crate::diagnostic::{KeyPath, Origin, Segment};

/// "write …" for a value that should stand where `origin` stands.
pub(super) fn write(key: &KeyPath, origin: &Origin, value: &str) -> String {
    let bare = value.trim_matches('"');
    match origin {
        Origin::Variable(name) => format!("set {name}={bare}"),
        Origin::Set(_) => format!("say --set {key}={bare}"),
        Origin::Default | Origin::File(_) => format!("write {} = {value}", name(key)),
    }
}

/// The last part of a key, as it stands in its table.
pub(super) fn name(key: &KeyPath) -> String {
    match key.segments().last() {
        Some(Segment::Key(name)) => [name].into_iter().collect::<KeyPath>().to_string(),
        // An element of a list has no name of its own.
        Some(Segment::Index(_)) | None => "it".to_owned(),
    }
}

/// `key` with who said it: "`limits.mode` (ops.toml:3:8)".
pub(super) fn said(key: &KeyPath, origin: &Origin) -> String {
    format!("`{key}` ({origin})")
}
