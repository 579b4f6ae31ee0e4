//! What commands write: answers to stdout, everything else to stderr.
//!
//! One place, so that all of them end quietly when nobody reads any more (`| head`), say so when what they
//! wrote is lost (a full disk), and colour alike: on a terminal only, and never against `NO_COLOR`. Texts
//! come with their colours; where none are wanted they are taken out on the way.

use anstream::{stream::RawStream, AutoStream, ColorChoice};
use std::{
    fmt,
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

/// Begins what stands out.
pub(crate) const STRONG: &str = "\x1b[1m";
/// Begins what is added.
pub(crate) const GREEN: &str = "\x1b[32m";
/// Begins what goes.
pub(crate) const RED: &str = "\x1b[31m";
/// Begins what changes.
pub(crate) const YELLOW: &str = "\x1b[33m";
/// Ends each of them.
pub(crate) const END: &str = "\x1b[0m";

/// How wide prose is set.
pub(crate) const WIDTH: usize = 100;

/// Writes an answer; the command ends as `ending` says, or badly when the answer is lost.
pub(crate) fn print(text: &str, ending: ExitCode) -> ExitCode {
    let mut out = AutoStream::auto(io::stdout().lock());
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has gone has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => fail(format_args!("error: cannot write: {error}")),
        _ => ending,
    }
}

/// Says something that is not the answer.
pub(crate) fn note(text: impl fmt::Display) {
    // Whoever closed stderr does not want to hear it.
    let _ = writeln!(AutoStream::auto(io::stderr().lock()), "{text}");
}

/// Says why there is no answer: exit code 1.
pub(crate) fn fail(text: impl fmt::Display) -> ExitCode {
    note(text);
    ExitCode::FAILURE
}

/// Says that it is not to be asked so: exit code 2, as for what the parser refuses.
pub(crate) fn misuse(text: impl fmt::Display) -> ExitCode {
    note(format_args!("error: {text}\n\nFor more information, try '--help'."));
    ExitCode::from(2)
}

/// Whether colours are wanted there.
pub(crate) fn is_coloured(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}
