//! Rates: how fast requests may come, as buckets of tokens.
//!
//! A bucket is one word: the mark on the rate's own scale of tokens up to which it is paid for (`bucket`).
//! That scale (`refill`) rises with time; another rate only changes how fast. So every bucket follows an
//! edit at once, none is touched by it, and what was spent stays spent. This is the generic cell rate
//! algorithm (ITU-T I.371) counted in tokens where it is usually counted in time.
//!
//! Keys that clients choose live in a bounded table (`table`), in shards, so that no lock is asked for by all
//! requests. A bucket that is full again is as good as none and makes room; one that owes never does. While
//! all owe, further keys share one bucket: a flood of made-up keys neither frees an attacker nor resets
//! anyone else. Of a header's value only a hash with a random key is kept.
//!
//! State goes from plan to plan by the rate's name, so a rejected reload leaves nothing behind. It does not
//! queue, and it does not share buckets between processes.

mod bucket;
mod counts;
mod layer;
mod plan;
mod refill;
mod rule;
mod service;
mod table;
#[cfg(test)]
mod tests;

pub use counts::{RateCounts, RateSnapshot};
pub use layer::RateLayer;
pub use plan::RatePlan;
pub use service::RateService;
