//! One fault of a configuration.

use super::{Code, KeyPath, Note, Origin};
use serde_json::{json, Value};
use std::fmt;

/// One fault of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// What kind of fault, stable over releases.
    pub code: Code,
    /// The key at fault; the root where the whole file is.
    pub key: KeyPath,
    /// Where it was written.
    pub origin: Origin,
    /// What was found, as it would be written; secrets masked. None where something is missing.
    pub found: Option<String>,
    /// What was expected, as the end of the sentence "expected …".
    pub expected: String,
    /// The smallest change that mends it, as an imperative sentence.
    pub help: Option<String>,
    /// The other places it is about, where they stand in files.
    pub notes: Vec<Note>,
}

impl Violation {
    /// What is wrong, one sentence without its place: "`key` is …, expected …".
    #[must_use]
    pub fn headline(&self) -> String {
        let found = self.found.as_deref();
        let what = match (self.code, found) {
            (Code::Syntax | Code::DuplicateKey | Code::MalformedKey, Some(found)) => found.to_owned(),
            (Code::UnknownKey, _) => format!("unknown key `{}`", self.key),
            (Code::UnknownVariable, Some(name)) => format!("unknown variable {name}"),
            (_, Some(found)) => format!("{} is {found}", self.subject()),
            (_, None) => format!("{} is missing", self.subject()),
        };
        match self.expected.as_str() {
            "" => what,
            expected => format!("{what}, expected {expected}"),
        }
    }

    /// Everything that a person would read, for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = json!({
            "code": self.code.to_string(),
            "title": self.code.title(),
            "message": self.headline(),
            "key": self.key.to_string(),
            "origin": self.origin.to_string(),
            "found": self.found,
            "expected": self.expected,
            "help": self.help,
            "notes": self.notes.iter().map(Note::to_json).collect::<Vec<_>>(),
        });
        if let (Some(at), Some(object)) = (self.origin.position(), value.as_object_mut()) {
            object.insert("path".into(), at.path.display().to_string().into());
            object.insert("line".into(), at.line.into());
            object.insert("column".into(), at.column.into());
        }
        value
    }

    fn subject(&self) -> String {
        match &self.origin {
            _ if self.key != KeyPath::root() => format!("`{}`", self.key),
            Origin::File(at) => format!("`{}`", at.path.display()),
            origin => format!("`{origin}`"),
        }
    }
}

impl fmt::Display for Violation {
    /// One line: code, place, what is wrong, how to mend it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.origin, self.headline())?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}
