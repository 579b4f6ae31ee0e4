//! Filling in secrets from where they stand.

use super::rule::Finding;
use crate::{
    diagnostic::{Code, KeyPath, Violation},
    section::OpsConfig,
    source::{Draft, Sources},
    value::{DatabaseUrl, SecretSource},
};
use std::{fs::File, io, io::Read, path::Path};

/// No password is longer; a larger file is not the one that was meant.
const MAX_BYTES: u64 = 64 << 10;

/// Resolves every secret of the configuration. What cannot be found, or is not fit for its place,
/// is a finding; never a word of what was found.
pub(super) fn resolve(config: &mut OpsConfig, draft: &Draft, sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (segments, secret) in config.secrets_mut() {
        let key: KeyPath = segments.iter().copied().collect();
        let read = match secret.source() {
            SecretSource::Inline => in_place(secret.expose()).map(|()| None),
            SecretSource::Env(name) => from_variable(sources.variable(name), name).map(Some),
            SecretSource::File(path) => from_file(path).map(Some),
        };
        let fault = match read {
            Ok(Some(value)) => {
                secret.resolve(value);
                unfit(&segments, secret.expose())
            }
            Ok(None) => unfit(&segments, secret.expose()),
            Err(fault) => Some(fault),
        };
        findings.extend(fault.map(|fault| fault.finding(&key, secret.source(), draft)));
    }
    findings
}

/// Why a secret cannot be used.
struct Fault {
    code: Code,
    /// What is wrong with it, as the end of "`key` is …, which …".
    what: String,
    expected: &'static str,
    help: String,
}

impl Fault {
    fn finding(self, key: &KeyPath, source: &SecretSource, draft: &Draft) -> Finding {
        // The reference itself is at fault, where there is one: `admin.token.env`.
        let (key, reference) = match source {
            SecretSource::Inline => (key.clone(), None),
            SecretSource::Env(name) => (key.key("env"), Some(format!("{name:?}, which "))),
            SecretSource::File(path) => (key.key("file"), Some(format!("{:?}, which ", path.display().to_string()))),
        };
        let Self { code, what, expected, help } = self;
        let found = reference.map_or_else(|| what.replacen("holds ", "", 1), |reference| reference + &what);
        let origin = draft.place(&key);
        let about = vec![key.clone()];
        let violation = Violation {
            code,
            key,
            origin,
            found: Some(found),
            expected: expected.to_owned(),
            help: Some(help),
            notes: Vec::new(),
        };
        Finding { violation, about }
    }
}

/// `"${TOKEN}"` is what other programs replace by a variable. Taken as it stands, the secret would be a word that anyone can guess.
fn in_place(secret: Option<&str>) -> Result<(), Fault> {
    let inner = secret.and_then(|text| text.strip_prefix('$')).unwrap_or_default();
    let name = inner.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(inner);
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !is_name {
        return Ok(());
    }
    Err(Fault {
        code: Code::SecretUnusable,
        what: "a reference in a text, which nothing replaces".to_owned(),
        expected: "the secret itself, { env = \"NAME\" } or { file = \"/path\" }",
        help: "write { env = \"NAME\" } to take it from a variable".to_owned(),
    })
}

fn from_variable(value: Option<&str>, name: &str) -> Result<String, Fault> {
    let expected = "a variable that holds the secret";
    match value {
        None => Err(Fault {
            code: Code::SecretMissing,
            what: "is not set".to_owned(),
            expected,
            help: format!("set {name} for this process"),
        }),
        Some("") => Err(Fault {
            code: Code::SecretUnusable,
            what: "is empty".to_owned(),
            expected,
            help: format!("give {name} a value, or remove the reference"),
        }),
        Some(value) => Ok(value.to_owned()),
    }
}

fn from_file(path: &Path) -> Result<String, Fault> {
    let fault = |code, what: &str, help: &str| Fault {
        code,
        what: what.to_owned(),
        expected: "a file that holds the secret",
        help: help.to_owned(),
    };
    let bytes = read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            fault(Code::SecretMissing, "does not exist", "mount the secret there, or correct the path")
        }
        io::ErrorKind::PermissionDenied => {
            fault(Code::SecretMissing, "this process may not read", "let the process's user read it")
        }
        io::ErrorKind::FileTooLarge => fault(Code::SecretUnusable, "is larger than 64 KiB", "name the right file"),
        _ => fault(Code::SecretMissing, "cannot be read", "name a regular file that holds nothing else"),
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| fault(Code::SecretUnusable, "is not UTF-8", "write the secret as a text"))?;
    // Editors and `echo` end a file with a line break that is no part of a password.
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(fault(Code::SecretUnusable, "is empty", "write the secret into it")),
        secret => Ok(secret.to_owned()),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // A pipe would wait for its writer.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        0..=MAX_BYTES => Ok(bytes),
        _ => Err(io::ErrorKind::FileTooLarge.into()),
    }
}

/// Why a secret, once known, is not fit for its place.
fn unfit(segments: &[&str], secret: Option<&str>) -> Option<Fault> {
    let secret = secret?;
    match segments {
        ["pools", ..] => (!DatabaseUrl::is_supported(secret)).then(|| Fault {
            code: Code::SchemeNotSupported,
            what: "holds an address that no pool can open".to_owned(),
            expected: "a database address such as \"sqlite:///var/lib/app.db\"",
            help: format!("begin the address with {}:", DatabaseUrl::SCHEMES.join(": or ")),
        }),
        // Both are sent in HTTP headers, where a line break would end the header.
        _ => secret.contains(|c: char| c.is_control()).then(|| Fault {
            code: Code::SecretUnusable,
            what: "holds a line break or another control character".to_owned(),
            expected: "a text that an HTTP header can hold",
            help: "write the secret as one line".to_owned(),
        }),
    }
}
