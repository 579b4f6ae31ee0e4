//! What the machine goes by, and how long a circuit stays open.

/// What the machine goes by, from the configuration in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rules {
    /// Failures in a row that open it.
    pub(super) failures: u64,
    /// How long it stays open. Nanoseconds.
    pub(super) reset: u64,
    /// How long a trial may take. Nanoseconds.
    pub(super) trial: u64,
    /// Trials at once.
    pub(super) trials: u64,
    /// How much longer it stays open each time that it opens without having closed.
    pub(super) backoff: Option<Backoff>,
}

/// How much longer a circuit stays open each time that it opens without having closed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Backoff {
    /// Each opening is so many times as long as the one before.
    pub(super) factor: f64,
    /// The longest, before chance is added. Nanoseconds.
    pub(super) max: u64,
    /// Up to this share is added by chance.
    pub(super) jitter: f64,
}

impl Rules {
    /// How long the circuit stays open that opened so often in a row; `chance` is from 0 to 1.
    ///
    /// Chance only adds: it never comes back sooner than `reset`, and a fleet that opened
    /// together does not try together.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "lengths of time far below 2^53 nanoseconds lose nothing that a timer could tell, and none is negative"
    )]
    pub(super) fn open_for(&self, openings: u64, chance: f64) -> u64 {
        let Some(backoff) = self.backoff else { return self.reset };
        // At most 255 openings are counted.
        let steps = i32::try_from(openings.saturating_sub(1)).unwrap_or(i32::MAX);
        let longest = backoff.max.max(self.reset) as f64;
        let wait = (self.reset as f64 * backoff.factor.powi(steps)).min(longest);
        // A float of all the range is cut to the range of the integer.
        (wait * (1.0 + backoff.jitter * chance)) as u64
    }
}
