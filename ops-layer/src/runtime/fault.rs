//! Faults that show only when something is made, with the key that asked for it.

use ops_config::{
    check::Checked,
    diagnostic::{Code, Origin, Violation},
};
use std::{io, net::SocketAddr};

/// The listener of this key cannot be bound.
pub(super) fn cannot_bind(key: &str, address: SocketAddr, error: &io::Error) -> Violation {
    let (expected, help) = match error.kind() {
        io::ErrorKind::AddrNotAvailable => (
            "an address of this machine",
            "name an address that this machine has; 0.0.0.0 or [::] stands for all, 127.0.0.1 for itself alone",
        ),
        io::ErrorKind::InvalidInput => (
            "the address of the socket that was handed over for this listener",
            "write the same address here and in the socket unit",
        ),
        io::ErrorKind::PermissionDenied => (
            "a port that this process may use",
            "choose a port from 1024 on, or give the process the right to lower ones (CAP_NET_BIND_SERVICE)",
        ),
        _ => ("an address that is free", "choose another port, or end the process that holds this one"),
    };
    Violation {
        code: Code::Bind,
        key: key.split('.').collect(),
        origin: Origin::Default,
        found: Some(format!("{address}: {}", reason(error))),
        expected: expected.to_owned(),
        help: Some(help.to_owned()),
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

#[cfg(test)]
mod tests {
    use super::cannot_bind;
    use std::io::{Error, ErrorKind};

    #[test]
    fn the_help_is_for_what_is_in_the_way() {
        let address = "127.0.0.1:80".parse().expect("an address");
        for (kind, expected, help) in [
            (ErrorKind::AddrInUse, "is free", "end the process that holds this one"),
            (ErrorKind::AddrNotAvailable, "of this machine", "name an address that this machine has"),
            (ErrorKind::PermissionDenied, "may use", "from 1024 on"),
        ] {
            let fault = cannot_bind("admin.listen", address, &Error::from(kind));
            assert!(fault.expected.ends_with(expected), "{fault:?}");
            assert!(fault.help.as_ref().is_some_and(|said| said.contains(help)), "{fault:?}");
        }
    }
}
