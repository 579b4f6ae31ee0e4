//! Filling in secrets from where they stand.

use super::rule::Finding;
use crate::{
    diagnostic::{nearest, Code, KeyPath, Violation},
    section::OpsConfig,
    source::{Draft, Sources},
    value::{AddressFault, DatabaseKind, SecretSource},
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
        ["pools", ..] => unopenable(secret),
        // Both are sent in HTTP headers, where a line break would end the header.
        _ => secret.contains(|c: char| c.is_control()).then(|| Fault {
            code: Code::SecretUnusable,
            what: "holds a line break or another control character".to_owned(),
            expected: "a text that an HTTP header can hold",
            help: "write the secret as one line".to_owned(),
        }),
    }
}

/// Why no pool can open an address.
fn unopenable(url: &str) -> Option<Fault> {
    let fault = |what: &str, expected, help| {
        Some(Fault { code: Code::SchemeNotSupported, what: what.to_owned(), expected, help })
    };
    let Some(kind) = DatabaseKind::of(url) else {
        let schemes = DatabaseKind::SCHEMES.map(|(scheme, _)| scheme).join(": or ");
        let help = format!("begin the address with {schemes}:");
        return fault(
            "holds an address that no pool can open",
            "a database address such as \"sqlite:///var/lib/app.db\"",
            help,
        );
    };
    let encoded = "percent-encode the password: %2F for /, %3F for ?, %23 for #, %40 for @, %3A for :";
    let (what, help) = match kind.fault(url)? {
        AddressFault::NoHost => ("holds an address without a host", "write // after the scheme".to_owned()),
        AddressFault::Control => {
            ("holds an address with a line break or another control character", "write it as one line".to_owned())
        }
        AddressFault::Unencoded => ("holds an address with a # or an @ where none may stand", encoded.to_owned()),
        AddressFault::Port => {
            ("holds an address whose port is no number from 0 to 65535", format!("correct the port, or {encoded}"))
        }
        // Not the name itself: it may be what follows the ? of a password.
        AddressFault::Parameter(name) => {
            let known = kind.parameters().iter().copied();
            let help = match nearest(name, known) {
                Some(known) => format!("did you mean {known}?"),
                None if kind == DatabaseKind::MySql && name == "password" => {
                    "write it as user:password@host".to_owned()
                }
                None => format!("remove it; known are {}", kind.parameters().join(", ")),
            };
            ("holds an address with a parameter that its driver does not know", help)
        }
    };
    fault(what, kind.expected(), help)
}
