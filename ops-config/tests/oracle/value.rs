//! What must hold of a value that was read. Properties and fuzz targets judge by it.

use serde::{de::DeserializeOwned, Serialize};
use std::{
    fmt::{Debug, Display},
    str::FromStr,
};

/// Reads a text; what was read prints to a text that reads as the same value, and stays as it is.
/// None where the text is refused.
///
/// # Panics
/// When it is not so.
pub(crate) fn returns<T: FromStr<Err: Debug> + Display + PartialEq + Debug>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    let printed = value.to_string();
    let again: T = printed.parse().expect("what was printed can be read");
    assert_eq!(again, value, "{text:?} printed as {printed:?}");
    assert_eq!(again.to_string(), printed, "what is printed stays as it is");
    Some(value)
}

/// Writing a value as JSON and as TOML and reading it gives the same. As the value of a key, since
/// TOML has no document that is a single value.
///
/// # Panics
/// When it is not so.
pub(crate) fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let json = serde_json::to_string(&[value]).expect("it can be written");
    let [again]: [T; 1] = serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(again, *value, "{json}");
    let toml = toml::to_string(&std::collections::BTreeMap::from([("key", value)])).expect("it can be written");
    let again: std::collections::BTreeMap<String, T> = toml::from_str(&toml).expect("what was written can be read");
    assert_eq!(again["key"], *value, "{toml}");
}
