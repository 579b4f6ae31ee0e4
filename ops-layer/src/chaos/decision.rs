//! Whether a fault strikes a call: a pure function of seed, fault and ordinal.

use std::time::Duration;

/// What is decided. Each has a stream of its own, so that turning one fault on or off, or
/// changing its rate, leaves the decisions of the others as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Latency = 1,
    Jitter = 2,
    Drop = 3,
}

/// The share of calls that a fault strikes, as a bound on 53 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate(u64);

const BITS: u32 = 53;

impl Rate {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a ratio of 2^53 is a whole number from 0 to 2^53, which both types hold"
    )]
    pub(super) fn new(ratio: ops_config::value::Ratio) -> Self {
        Self((ratio.get() * (1_u64 << BITS) as f64) as u64)
    }

    /// Whether the fault strikes the call of this ordinal.
    pub(super) fn strikes(self, seed: u64, stream: Stream, ordinal: u64) -> bool {
        random(seed, stream, ordinal) >> (u64::BITS - BITS) < self.0
    }
}

/// The delay of the call of this ordinal: `latency`, up to `jitter` more or less.
pub(super) fn delay(latency: Duration, jitter: Duration, seed: u64, ordinal: u64) -> Duration {
    let jitter = u64::try_from(jitter.as_nanos()).unwrap_or(u64::MAX / 4).min(u64::MAX / 4);
    // The high half of the product spreads evenly over 0 ..= 2 × jitter.
    let spread = (u128::from(random(seed, Stream::Jitter, ordinal)) * (2 * u128::from(jitter) + 1)) >> u64::BITS;
    let spread = u64::try_from(spread).unwrap_or(u64::MAX);
    (latency + Duration::from_nanos(spread)).saturating_sub(Duration::from_nanos(jitter))
}

/// 64 bits that look random, and are always the same for the same arguments.
///
/// Two rounds of `SplitMix64`'s finisher: one over seed and stream, one over that and the
/// ordinal. One round over their sum would make the streams of seeds 1, 2, 3 … shifted
/// copies of each other.
fn random(seed: u64, stream: Stream, ordinal: u64) -> u64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let key = mix(seed.wrapping_mul(GOLDEN) ^ (stream as u64) << 56);
    mix(key ^ mix(ordinal.wrapping_add(1).wrapping_mul(GOLDEN)))
}

const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}
