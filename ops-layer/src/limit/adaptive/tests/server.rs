//! A server that answers so many requests at once; the others wait in one line, first come, first served.

use super::super::{AdaptiveLimit, AdaptivePlan, Place};
use crate::clock::Moment;
use ops_config::section::LimitsConfig;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

/// A model of queueing in milliseconds: arrivals at a rate, `workers` that each take their time for a request,
/// one line before them, and the limit before the line. Chance is a sequence that is the same in each run.
#[derive(Debug)]
pub(super) struct Server {
    limit: AdaptiveLimit,
    config: LimitsConfig,
    pub(super) workers: usize,
    /// Milliseconds that a request is worked on.
    pub(super) work: f64,
    /// The share of requests of a slow route, and the milliseconds they are worked on.
    pub(super) slow: (f64, f64),
    /// The share of requests that fail at once.
    pub(super) failing: f64,
    now: f64,
    random: u64,
    busy: usize,
    line: VecDeque<Asked>,
    ends: BinaryHeap<Reverse<(u64, usize)>>,
    under_way: Vec<Option<Asked>>,
}

#[derive(Debug)]
struct Asked {
    place: Option<Place>,
    work: f64,
    is_failing: bool,
}

/// What became of the requests of some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) answered: u64,
    pub(super) refused: u64,
}

impl Server {
    /// A server whose limit has learnt nothing.
    pub(super) fn new(workers: usize, work: f64, table: &str) -> Self {
        let mut server = Self {
            limit: AdaptiveLimit::new(),
            config: LimitsConfig::default(),
            workers,
            work,
            slow: (0.0, 0.0),
            failing: 0.0,
            now: 1.0,
            random: 7,
            busy: 0,
            line: VecDeque::new(),
            ends: BinaryHeap::new(),
            under_way: Vec::new(),
        };
        server.reload(table);
        server
    }

    /// Another table over what was learnt.
    pub(super) fn reload(&mut self, table: &str) {
        self.config = toml::from_str(&format!("[adaptive]\n{table}")).expect("a valid section");
    }

    pub(super) fn bound(&self) -> u64 {
        AdaptivePlan::build(&self.config, &self.limit).bound().expect("it limits")
    }

    /// So many seconds with so many requests a second, at random distances.
    pub(super) fn run(&mut self, seconds: f64, per_second: f64) -> Outcome {
        let plan = AdaptivePlan::build(&self.config, &self.limit);
        let (mut outcome, end) = (Outcome::default(), self.now + seconds * 1000.0);
        let mut next = self.now + self.gap(per_second);
        loop {
            let ending = self.ends.peek().map_or(f64::MAX, |Reverse((at, _))| millis(*at));
            if next.min(ending) > end {
                self.now = end;
                return outcome;
            }
            self.now = next.min(ending);
            if ending <= next {
                self.end();
                outcome.answered += 1;
                continue;
            }
            next += self.gap(per_second);
            match plan.admit(self.moment()) {
                Err(_) => outcome.refused += 1,
                Ok(place) => self.ask(place),
            }
        }
    }

    fn ask(&mut self, place: Option<Place>) {
        let is_failing = self.chance() < self.failing;
        let mean = if self.chance() < self.slow.0 { self.slow.1 } else { self.work };
        // From half to one and a half of the mean.
        let work = if is_failing { 0.1 } else { mean * (0.5 + self.chance()) };
        self.line.push_back(Asked { place, work, is_failing });
        self.work_on();
    }

    fn work_on(&mut self) {
        while self.busy < self.workers {
            let Some(asked) = self.line.pop_front() else { return };
            self.busy += 1;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test's times are small")]
            let at = ((self.now + asked.work) * 1000.0) as u64;
            let slot = self.under_way.iter().position(Option::is_none).unwrap_or(self.under_way.len());
            self.under_way.resize_with(self.under_way.len().max(slot + 1), || None);
            self.under_way[slot] = Some(asked);
            self.ends.push(Reverse((at, slot)));
        }
    }

    fn end(&mut self) {
        let Some(Reverse((_, slot))) = self.ends.pop() else { return };
        self.busy -= 1;
        let asked = self.under_way[slot].take().expect("it is under way");
        let now = self.moment();
        if let Some(mut place) = asked.place {
            place.settle(!asked.is_failing, now);
        }
        self.work_on();
    }

    fn moment(&self) -> Moment {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test's times are small")]
        Moment::from_nanos((self.now * 1e6) as u64)
    }

    fn gap(&mut self, per_second: f64) -> f64 {
        // Exponential: requests know nothing of each other.
        -(1.0 - self.chance()).ln() * 1000.0 / per_second
    }

    fn chance(&mut self) -> f64 {
        // A linear congruence (Knuth, MMIX).
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.random >> 32).unwrap_or_default()) / 4_294_967_296.0
    }
}

/// Microseconds as milliseconds.
#[expect(clippy::cast_precision_loss, reason = "a test's times are small")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
