//! One replay: lines in, answers out. The example and the test of the vectors run just this.

mod backend;
mod line;
mod session;
mod setting;
mod virtual_time;

pub(crate) use virtual_time::Replay;
