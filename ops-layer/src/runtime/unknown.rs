//! A name that is not there.

use ops_config::{diagnostic::nearest, value::Name};
use std::collections::BTreeMap;

/// A name that the configuration in force does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ops.toml has no [{section}.{name}]{}", self.hint())]
pub struct UnknownName {
    /// The section that was searched.
    pub section: &'static str,
    /// The name that was looked for.
    pub name: String,
    /// The name that was probably meant, if one is near enough.
    pub nearest: Option<String>,
}

impl UnknownName {
    pub(super) fn new<T>(section: &'static str, name: &str, known: &BTreeMap<Name, T>) -> Self {
        let nearest = nearest(name, known.keys().map(Name::as_str)).map(str::to_owned);
        Self { section, name: name.to_owned(), nearest }
    }

    fn hint(&self) -> String {
        self.nearest.as_ref().map_or_else(String::new, |nearest| format!("; did you mean \"{nearest}\"?"))
    }
}
