//! What requests take.

use rustix::time::{clock_gettime, ClockId};
use std::ops::{AddAssign, Div};

/// A clock that is read in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(ClockId);

impl Clock {
    /// CPU that all threads of this process have used.
    pub(crate) const PROCESS: Self = Self(ClockId::ProcessCPUTime);
    pub(crate) const TIME: Self = Self(ClockId::Monotonic);

    pub(crate) fn now(self) -> u64 {
        let now = clock_gettime(self.0);
        let parts = u64::try_from(now.tv_sec).ok().zip(u64::try_from(now.tv_nsec).ok());
        let (seconds, nanos) = parts.expect("a clock that began at zero");
        seconds * 1_000_000_000 + nanos
    }
}

/// Nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) cpu: u64,
    pub(crate) time: u64,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.cpu += other.cpu;
        self.time += other.time;
    }
}

impl Div<u64> for Cost {
    type Output = Self;

    fn div(self, by: u64) -> Self {
        Self { cpu: self.cpu / by, time: self.time / by }
    }
}
