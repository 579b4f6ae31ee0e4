//! Secrets in the query of an address.
//!
//! There are services that take a key in no other way, so such an address is not refused: it is masked
//! wherever it is shown. What stands under a name that says nothing cannot be told from other values.

use super::MASK;
use std::borrow::Cow;

/// What names of secrets are made of. A name that is encoded may be any of them.
const WORDS: [&str; 10] = ["pass", "pwd", "secret", "token", "key", "auth", "credential", "sig", "jwt", "%"];

/// The address with its first secret replaced, and all that follows: a secret may hold '&' though it should not.
pub(crate) fn mask_query(url: &str) -> Cow<'_, str> {
    match secret_parameter(url) {
        Some(begin) => Cow::Owned(format!("{}{MASK}", &url[..begin])),
        None => Cow::Borrowed(url),
    }
}

/// Whether the query has a secret that is not masked yet.
pub(crate) fn holds_secret(url: &str) -> bool {
    secret_parameter(url).is_some()
}

/// Where the value of the first parameter begins whose name speaks of a secret.
fn secret_parameter(url: &str) -> Option<usize> {
    let mut begin = url.find('?')? + 1;
    for parameter in url[begin..].split(['&', ';', '?', '#']) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.to_lowercase();
        let at = begin + parameter.len() - value.len();
        if !value.is_empty() && WORDS.iter().any(|word| name.contains(word)) && url[at..] != *MASK {
            return Some(at);
        }
        begin += parameter.len() + 1;
    }
    None
}
