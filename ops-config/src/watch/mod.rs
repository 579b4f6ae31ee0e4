//! When to look at the files, and when what is seen there may be judged.
//!
//! Three parts. [`Settle`] is a pure machine: it is told what events said and what
//! a look found, and answers whether that is new, still being written, or ready to
//! be taken. [`Hops`] is a pure walk along symlinks: it says which folders must be
//! watched so that no way of replacing a file goes unseen. [`Watcher`] is the thin
//! shell that asks the system for events in those folders.
//!
//! Events only ever mean "look". What a look finds decides, so an event that is
//! lost, doubled or late costs time and never correctness, and a slow poll finds
//! what no event told of: network filesystems, overlays, a limit of watches.
//!
//! What a file means is not known here: that is `check`, called by `reload`.

mod hops;
mod inbox;
mod mount;
mod settle;
mod sight;
#[cfg(test)]
mod tests;
mod watcher;

pub use hops::{FileSystem, Hops, Links};
pub use inbox::Inbox;
pub use settle::{At, Heard, Pace, Settle, Step};
pub use sight::{Sight, View};
pub use watcher::Watcher;
