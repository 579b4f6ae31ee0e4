//! Where connections are opened, and what must not be said of it.

use super::Driver;
use ops_config::value::MASK;
use percent_encoding::percent_decode_str;
use sqlx::Connection;
use std::{borrow::Cow, fmt};

/// Where connections are opened.
pub struct Target<DB: Driver> {
    options: <DB::Connection as Connection>::Options,
    is_ephemeral: bool,
    passwords: Vec<String>,
}

impl<DB: Driver> Target<DB> {
    /// The driver's options, and whether the data are gone with the last connection, so that one must always stay.
    #[must_use]
    pub fn new(url: &str, options: <DB::Connection as Connection>::Options, is_ephemeral: bool) -> Self {
        Self { options, is_ephemeral, passwords: passwords(url) }
    }

    /// The driver's options.
    #[must_use]
    pub fn options(&self) -> &<DB::Connection as Connection>::Options {
        &self.options
    }

    /// Whether the data are gone with the last connection.
    #[must_use]
    pub const fn is_ephemeral(&self) -> bool {
        self.is_ephemeral
    }

    /// A text of the driver with the passwords replaced.
    #[must_use]
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        mask(text, &self.passwords)
    }
}

impl<DB: Driver> fmt::Debug for Target<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the options: the driver prints the password.
        f.debug_struct("Target").field("is_ephemeral", &self.is_ephemeral).finish_non_exhaustive()
    }
}

/// A text about an address with the passwords of that address replaced.
pub(super) fn mask_of<'t>(url: &str, text: &'t str) -> Cow<'t, str> {
    mask(text, &passwords(url))
}

fn mask<'t>(text: &'t str, passwords: &[String]) -> Cow<'t, str> {
    let is_there = passwords.iter().any(|password| text.contains(password));
    if !is_there {
        return text.into();
    }
    passwords.iter().fold(text.to_owned(), |text, password| text.replace(password, MASK)).into()
}

/// Parameters of an address whose values name nothing that anyone may know.
const SECRET: [&str; 3] = ["password", "pwd", "passwd"];

/// Every password of an address, as it stands there and as it is meant, the longest first: what stands between the
/// first `:` of the user and the last `@`, the same within the host's part alone where another `@` follows behind it,
/// and what the query says under the name of one.
fn passwords<'u>(url: &'u str) -> Vec<String> {
    let (_, rest) = url.split_once("//").unwrap_or(("", url));
    let (authority, _) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let before = |text: &'u str| text.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
    let of_user = [rest, authority].into_iter().filter_map(before).map(|(_, password)| password);
    let (_, query) = rest.split_once('?').unwrap_or((rest, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let of_query = pairs.filter(|(name, _)| SECRET.contains(&decoded(name).as_str())).map(|(_, password)| password);
    let raw = of_user.chain(of_query);
    let mut all: Vec<String> =
        raw.flat_map(|raw| [raw.to_owned(), decoded(raw), decoded(&raw.replace('+', " "))]).collect();
    all.retain(|password| !password.is_empty());
    all.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    all.dedup();
    all
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_password_is_known() {
        assert_eq!(passwords("postgres://app:p%2Fw%40@db/x?sslmode=require"), ["p%2Fw%40", "p/w@"]);
        assert_eq!(passwords("postgres://db/x?user=a&password=b+c"), ["b c", "b+c"]);
        assert_eq!(passwords("mysql://app:a@b:c@db/x"), ["a@b:c"]);
        assert_eq!(passwords("mysql://app:pw@db/x?c=a@b"), ["pw@db/x?c=a", "pw"]);
        assert_eq!(passwords("postgres://app:%zz%4@db"), ["%zz%4"]);
        assert!(passwords("sqlite::memory:").is_empty() && passwords("postgres://app@db?password=").is_empty());
    }

    #[test]
    fn no_form_of_a_password_is_left_in_a_text() {
        let url = "postgres://app:long%2Fer@db/x?password=long";
        let text = mask_of(url, "long/er, long%2Fer and long");
        assert_eq!(text, format!("{MASK}, {MASK} and {MASK}"));
    }
}
