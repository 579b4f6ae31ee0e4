//! From one window to the limit of the next.

/// How much of the distance to what was measured the normal time moves in a window.
const FOLLOWS: f64 = 1.0 / 16.0;
/// A window lowers the limit to no less than this share of it, whatever it measured.
const STEEPEST: f64 = 0.5;
/// With half as many requests at once, waiting shrinks by half. Where more than this share of the time is
/// left, it was not spent waiting.
const UNMOVED: f64 = 0.8;
/// Beyond this the service has become slower since the experiment began, and it begins anew.
const WORSE: f64 = 1.25;

/// What the limit is kept within, and what it is judged by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rules {
    pub(super) floor: f64,
    pub(super) ceiling: f64,
    /// Above 1.
    pub(super) tolerance: f64,
}

/// What a window showed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// The median time to a response, in nanoseconds; above 0.
    pub(super) latency: f64,
    /// The most requests there were at once.
    pub(super) in_flight: f64,
}

/// The limit, and what it was found with. Knows no time but that of the windows.
#[derive(Clone, Debug, Default)]
pub(super) struct Gradient {
    limit: f64,
    /// The time to a response when requests do not wait for each other; 0 before the first window.
    normal: f64,
    has_slowed: bool,
    experiment: Option<Experiment>,
}

/// What was before the limit was lowered.
#[derive(Clone, Copy, Debug)]
struct Experiment {
    limit: f64,
    seen: Seen,
}

impl Gradient {
    /// The limit, to be kept within the bounds by whoever uses it.
    pub(super) const fn limit(&self) -> f64 {
        self.limit
    }

    /// What is normal; 0 while nothing is.
    pub(super) const fn normal(&self) -> f64 {
        self.normal
    }

    /// Takes a window in.
    pub(super) fn judge(&mut self, seen: Seen, rules: Rules) {
        self.limit = self.limit.clamp(rules.floor, rules.ceiling);
        if self.normal == 0.0 {
            self.normal = seen.latency;
        }
        let is_used = seen.in_flight * 2.0 >= self.limit;
        if !is_used || seen.latency < self.normal {
            self.normal += (seen.latency - self.normal) * FOLLOWS;
        }
        if !is_used {
            self.experiment = None;
            return;
        }
        let growth = seen.latency / self.normal;
        if growth > rules.tolerance {
            self.slowed(seen, growth, rules);
        } else {
            self.experiment = None;
            self.limit += if self.has_slowed { self.limit.sqrt() } else { self.limit };
        }
        self.limit = self.limit.clamp(rules.floor, rules.ceiling);
    }

    fn slowed(&mut self, seen: Seen, growth: f64, rules: Rules) {
        self.has_slowed = true;
        let running = self.experiment.filter(|before| seen.latency <= before.seen.latency * WORSE);
        let Some(before) = running else {
            self.experiment = Some(Experiment { limit: self.limit, seen });
            return self.lower(growth, rules);
        };
        // With no more at once than the floor, there is nothing less to try.
        if seen.in_flight > (before.seen.in_flight / 2.0).max(rules.floor) {
            return self.lower(growth, rules);
        }
        if seen.latency > before.seen.latency * UNMOVED {
            self.normal = seen.latency;
            self.limit = before.limit;
            self.experiment = None;
        } else {
            self.experiment = Some(Experiment { limit: self.limit, seen });
            self.lower(growth, rules);
        }
    }

    /// Lowers the limit by as much as times have grown too long. The square root is left to wait: without
    /// it, chance alone would lower the limit time and again.
    fn lower(&mut self, growth: f64, rules: Rules) {
        let share = (rules.tolerance / growth).max(STEEPEST);
        self.limit = (self.limit * share + self.limit.sqrt()).min(self.limit);
    }
}
