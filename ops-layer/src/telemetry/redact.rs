//! Which names speak of secrets, and addresses without theirs.
//!
//! A value cannot be told from a secret; its name can. A log field, a header or a
//! parameter of an address whose name holds a word such as `password` is shown as
//! [`MASK`], the mask that a shown configuration has too. Names are read as people write
//! them: `db_password`, `api-key`, `accessToken`, `AWSAccessKeyId`, `userpassword`.
//! `token_count`, `max_tokens` and `has_password` speak *about* a secret and are shown.
//!
//! What stands within the text of a message, or under a name that says nothing, cannot be known.

use ops_config::value::MASK;
use std::borrow::Cow;

/// What the words of a secret's name end with: `userpassword` is written without a gap by many.
const ENDINGS: [&str; 18] = [
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "secrets",
    "token",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "cookies",
    "signature",
    "sessid",
    "dbpass",
    "dsn",
];

/// Words that are secrets only by themselves: `signal` and `author` are none.
const WORDS: [&str; 10] = ["pass", "pw", "sig", "jwt", "otp", "totp", "bearer", "pin", "cvv", "cvc"];

/// Words that are a secret's name only one after the other, or written as one.
const PAIRS: [(&[&str], &[&str]); 7] = [
    (
        &[
            "access",
            "account",
            "admin",
            "aes",
            "api",
            "auth",
            "client",
            "encryption",
            "hmac",
            "host",
            "license",
            "master",
            "private",
            "secret",
            "session",
            "shared",
            "sign",
            "signing",
            "ssh",
            "ssl",
            "storage",
            "subscription",
            "tls",
            "webhook",
        ],
        &["key", "keys"],
    ),
    (&["access", "api", "auth", "bearer", "csrf", "id", "refresh", "secret", "session", "xsrf"], &["tokens"]),
    (&["session"], &["id"]),
    (&["connection", "conn"], &["string", "str"]),
    (&["auth", "backup", "device", "recovery", "verification"], &["code", "codes"]),
    (&["auth"], &["header"]),
    (&["code"], &["verifier"]),
];

/// Whole names and last words that are the secret itself.
const LAST: [&str; 3] = ["session", "sid", "auth"];

/// Words before a secret's that speak about it: `has_password`, but not `noSqlPassword`.
const ABOUT_FIRST: [&str; 12] =
    ["is", "has", "had", "needs", "requires", "uses", "no", "num", "max", "min", "total", "count"];

/// Last words of names that speak about a secret. An address is none: its query often is the secret.
const ABOUT_LAST: [&str; 36] = [
    "age",
    "at",
    "bytes",
    "changed",
    "count",
    "counts",
    "domain",
    "enabled",
    "endpoint",
    "expired",
    "expires",
    "expiry",
    "file",
    "found",
    "kind",
    "left",
    "len",
    "length",
    "limit",
    "max",
    "min",
    "missing",
    "name",
    "names",
    "path",
    "policy",
    "present",
    "remaining",
    "required",
    "size",
    "state",
    "status",
    "total",
    "ttl",
    "type",
    "valid",
];

/// Parameters of addresses that carry a key by custom, though the word alone says little elsewhere.
const PARAMETERS: [&str; 7] = ["key", "code", "assertion", "client_assertion", "ticket", "SAMLRequest", "SAMLResponse"];

/// Bytes from which on what stands alone before the `@` of an address is rather a token than a user.
const TOKEN: usize = 16;

/// Whether a field, header or parameter of this name holds a secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let (mut before, mut begin, mut last) = ("", None, 0);
    let (mut about_first, mut about_last) = (false, false);
    for (at, word) in words(name).enumerate() {
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if at == 0 {
            about_first = ABOUT_FIRST.into_iter().any(is);
        }
        about_last = ABOUT_LAST.into_iter().any(is);
        let single = (is_whole(word) || is_joined(word)).then_some(at);
        begin = begin.or(single).or_else(|| is_pair(before, word).then(|| at.saturating_sub(1)));
        (before, last) = (word, at);
    }
    let ends = LAST.into_iter().any(|last| before.eq_ignore_ascii_case(last));
    let begin = begin.filter(|_| !about_last).or(ends.then_some(last));
    // What follows at once is what the first word is about.
    begin.is_some_and(|begin| !(about_first && begin == 1))
}

/// `password`, `userpassword`.
fn is_whole(word: &str) -> bool {
    let is = |known: &str| word.eq_ignore_ascii_case(known);
    WORDS.into_iter().any(is) || ENDINGS.into_iter().any(|ending| ends_with(word, ending))
}

/// `api`, `key`.
fn is_pair(before: &str, word: &str) -> bool {
    let is = |known: &&str| word.eq_ignore_ascii_case(known);
    let follows = |known: &&str| before.eq_ignore_ascii_case(known);
    PAIRS.iter().any(|(left, right)| right.iter().any(is) && left.iter().any(follows))
}

/// `apikey`.
fn is_joined(word: &str) -> bool {
    let stem = |right: &&str| ends_with(word, right).then(|| &word[..word.len() - right.len()]);
    PAIRS.iter().any(|(left, right)| {
        let mut stems = right.iter().filter_map(stem);
        stems.any(|stem| left.iter().any(|left| ends_with(stem, left)))
    })
}

fn ends_with(word: &str, ending: &str) -> bool {
    let start = word.len().checked_sub(ending.len());
    start.and_then(|start| word.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

/// The words of a name: runs of letters, parted by anything else and by a capital that begins a word.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphabetic()).flat_map(Humps).filter(|word| !word.is_empty())
}

/// The words of `accessToken` and `AWSAccessKeyId`.
struct Humps<'n>(&'n str);

impl<'n> Iterator for Humps<'n> {
    type Item = &'n str;

    fn next(&mut self) -> Option<&'n str> {
        if self.0.is_empty() {
            return None;
        }
        let mut letters = self.0.char_indices().peekable();
        let mut was_upper = true;
        let mut end = self.0.len();
        while let Some((at, letter)) = letters.next() {
            let next_is_lower = letters.peek().is_some_and(|(_, next)| next.is_lowercase());
            // A capital begins a word after a small letter, and at the end of a run of capitals before one.
            if at > 0 && letter.is_uppercase() && (!was_upper || next_is_lower) {
                end = at;
                break;
            }
            was_upper = letter.is_uppercase();
        }
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(word)
    }
}

/// The query of an address, without its `?`, with the values of secrets masked.
#[must_use]
pub fn query(query: &str) -> Cow<'_, str> {
    parameters(query)
}

/// An address with its password, and the secrets of its query and fragment, masked.
///
/// What stands before the `@` is masked whole where it has a password, or is as long as a token; a short
/// user alone is shown. For addresses as a parser takes them: a password that holds a bare `/`, `?` or `#` is not one.
#[must_use]
pub fn url(url: &str) -> Cow<'_, str> {
    let rest_at = url.find(['?', '#']).unwrap_or(url.len());
    let (place, rest) = url.split_at(rest_at);
    match (password(place), parameters(rest)) {
        (None, Cow::Borrowed(_)) => Cow::Borrowed(url),
        (place_masked, rest) => Cow::Owned(place_masked.unwrap_or_else(|| place.to_owned()) + &rest),
    }
}

/// `scheme://user:password@host/path` with user and password masked.
fn password(place: &str) -> Option<String> {
    let begin = place.find("//")? + 2;
    let authority = place[begin..].split('/').next()?;
    let (credentials, _) = authority.rsplit_once('@')?;
    let rest = &place[begin + credentials.len()..];
    let scheme = &place[..begin];
    if credentials.contains(':') {
        Some(format!("{scheme}{MASK}:{MASK}{rest}"))
    } else {
        (credentials.len() >= TOKEN).then(|| format!("{scheme}{MASK}{rest}"))
    }
}

/// Masks the values of `name=value` parted by `&`, `;`, `?` or `#`.
fn parameters(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let (mut copied, mut begin) = (0, 0);
    for parameter in text.split(['&', ';', '?', '#']) {
        if let Some((name, value)) = parameter.split_once('=').filter(|(_, value)| !value.is_empty()) {
            if is_secret_parameter(name) {
                masked.push_str(&text[copied..=begin + name.len()]);
                masked.push_str(MASK);
                copied = begin + name.len() + 1 + value.len();
            }
        }
        begin += parameter.len() + 1;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// A name that is encoded may be any of them.
fn is_secret_parameter(name: &str) -> bool {
    name.contains('%') || is_secret(name) || PARAMETERS.into_iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests;
