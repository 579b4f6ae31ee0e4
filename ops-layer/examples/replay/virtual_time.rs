//! A runtime whose clock stands still between two lines, and the session in it.

use super::{change::Changes, line::Line, session::Session};
use ops_config::value::Name;
use serde_json::{json, Value};
use std::io;
use tokio::runtime::{Builder, Runtime};
use tracing::{dispatcher::with_default, Dispatch};

/// A replay: each line has one answer.
pub(crate) struct Replay {
    session: Session,
    runtime: Runtime,
    ear: Dispatch,
}

impl Replay {
    /// With no breaker yet, at 0 ms.
    ///
    /// # Errors
    /// When the system refuses what a runtime needs.
    pub(crate) fn begin() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let name: Name = "replayed".parse().map_err(io::Error::other)?;
        let changes = Changes::default();
        let ear = changes.ear();
        let session = runtime.block_on(async { Session::begin(name, changes) });
        Ok(Self { session, runtime, ear })
    }

    /// The answer to a line: to every line, whatever it says.
    pub(crate) fn answer(&mut self, line: &[u8]) -> Value {
        let Self { session, runtime, ear } = self;
        let answer = match serde_json::from_slice::<Line>(line) {
            Ok(line) => with_default(ear, || runtime.block_on(session.answer(line))),
            Err(error) => Err(error.to_string()),
        };
        answer.unwrap_or_else(|fault| json!({ "error": fault }))
    }
}
