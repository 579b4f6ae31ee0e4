//! The atomics of an exemplar's slot.
//!
//! It names them through here, so that `tests/interleavings.rs` can compile the very same
//! file over loom's and try every interleaving, without a build flag.

pub(super) use std::sync::atomic::{AtomicU64, Ordering};
