//! Faults that show only when something is made, with the key that asked for it.

use ops_config::{
    check::Checked,
    diagnostic::{Code, Origin, Violation},
};
use std::{io, net::SocketAddr};

/// The listener of this key cannot be bound.
pub(super) fn cannot_bind(key: &str, address: SocketAddr, error: &io::Error) -> Violation {
    Violation {
        code: Code::Bind,
        key: key.split('.').collect(),
        origin: Origin::Default,
        found: Some(format!("{address}: {}", reason(error))),
        expected: "an address that is free".to_owned(),
        help: Some("choose another port, or end the process that holds this one".to_owned()),
        notes: Vec::new(),
    }
}

/// The system's words without the number behind them.
pub(super) fn reason(error: &io::Error) -> String {
    let text = plain(&error.to_string());
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// A cause without the number that the system has for it.
pub(super) fn plain(text: &str) -> String {
    text.split_once(" (os error").map_or(text, |(words, _)| words).to_owned()
}

/// The faults with the places of their keys: the parts that make things know keys, not files.
pub(super) fn located(faults: impl IntoIterator<Item = Violation>, checked: &Checked) -> Vec<Violation> {
    let place = |fault: Violation| Violation { origin: checked.origin(&fault.key), ..fault };
    faults.into_iter().map(place).collect()
}
