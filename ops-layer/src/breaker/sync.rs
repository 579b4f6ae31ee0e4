//! The atomics of the machine and its windows.
//!
//! They name them through here, so that `tests/interleavings.rs` can compile the
//! very same files over loom's and try every interleaving, without a build flag.

pub(super) use std::sync::atomic::{AtomicU64, Ordering};
