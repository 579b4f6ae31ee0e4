//! A runtime whose clock stands still between two lines, and the session in it.

use super::{line::Line, session::Session};
use ops_config::value::Name;
use serde_json::{json, Value};
use std::io;
use tokio::runtime::{Builder, Runtime};

/// A replay: each line has one answer.
pub(crate) struct Replay {
    session: Session,
    runtime: Runtime,
}

impl Replay {
    /// With no breaker yet, at 0 ms.
    ///
    /// # Errors
    /// When the system refuses what a runtime needs.
    pub(crate) fn begin() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let name: Name = "replayed".parse().map_err(io::Error::other)?;
        let session = runtime.block_on(async { Session::begin(name) });
        Ok(Self { session, runtime })
    }

    /// The answer to a line: to every line, whatever it says.
    pub(crate) fn answer(&mut self, line: &[u8]) -> Value {
        let answer = match serde_json::from_slice::<Line>(line) {
            Ok(line) => self.runtime.block_on(self.session.answer(line)),
            Err(error) => Err(error.to_string()),
        };
        answer.unwrap_or_else(|fault| json!({ "error": fault }))
    }
}
