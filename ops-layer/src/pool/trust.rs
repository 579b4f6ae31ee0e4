//! The machine: whether an idle connection may be lent as it is, or is to be asked first.
//!
//! A server that was killed or restarted leaves connections behind that look alive. To ask each before each use costs
//! a round trip, which a turn cannot afford. So one that answered a moment ago is lent unasked, and any that is found
//! broken ends that trust for all that answered before it:
//!
//! - No server goes and comes back within [`FRESH`], so a connection that was idle all that time is never lent unasked.
//! - That time runs from when an answer arrived, however long it took: what has just answered is lent to who waited for
//!   it, on the longest line as well. A doubt counts from when the question was asked, for the answer may have been on
//!   its way already when another was found broken.
//! - Under load connections are asked each time they come back, off their users' path, and are used again within the
//!   time of trust: then a turn costs nothing more than a look at the clock.
//! - One that breaks while it is in use cannot be helped by any policy. It fails its user, and then nobody else.
//!
//! Pure: times come in, verdicts go out.

use crate::clock::Moment;
use std::time::Duration;

/// How long after its last answer a connection is lent unasked. Below the time that any server needs to end and to
/// start again (an empty PostgreSQL has been seen to take 80 ms), above the pause between two users of a pool that is
/// busy.
pub const FRESH: Duration = Duration::from_millis(25);

/// How long after its last answer an idle connection is asked though nobody wants it: before firewalls and NAT forget
/// it, which they do after minutes, and so that a server that went away is known before the next user comes.
const ASK_EVERY: Duration = Duration::from_secs(30);

/// The last answer of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// When the question was asked.
    pub asked: Moment,
    /// When the answer arrived.
    pub answered: Moment,
}

impl Proof {
    /// Of a connection that was opened at `now`.
    #[must_use]
    pub const fn opened(now: Moment) -> Self {
        Self { asked: now, answered: now }
    }
}

/// Whether connections that are idle can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trust {
    /// Whether a connection can break while nobody uses it. In this process none can.
    can_break: bool,
    /// When one was last found broken: what was asked before may be broken as well, answered or not.
    doubted_at: Option<Moment>,
}

impl Trust {
    /// Before anything was found broken. `can_break`: whether a connection may break while it is idle.
    #[must_use]
    pub const fn new(can_break: bool) -> Self {
        Self { can_break, doubted_at: None }
    }

    /// One was found broken.
    pub fn doubt(&mut self, now: Moment) {
        self.doubted_at = Some(now);
    }

    /// Whether an idle one may be lent as it is.
    #[must_use]
    pub fn allows(&self, proof: Proof, now: Moment) -> bool {
        !self.can_break || now.since(proof.answered) < FRESH && !self.is_doubted(proof)
    }

    /// Whether one is to be asked now though nobody wants it. One at a time, so that the others can be lent; after
    /// another was found broken, all.
    #[must_use]
    pub fn is_to_be_asked(&self, proof: Proof, now: Moment, already: u32) -> bool {
        self.can_break && (self.is_doubted(proof) || already == 0 && now.since(proof.answered) >= ASK_EVERY)
    }

    /// When it is to be asked.
    #[must_use]
    pub fn due(&self, proof: Proof) -> Moment {
        match self.can_break {
            true if self.is_doubted(proof) => Moment::default(),
            true => proof.answered.plus(ASK_EVERY),
            false => Moment::from_nanos(u64::MAX),
        }
    }

    fn is_doubted(&self, proof: Proof) -> bool {
        self.doubted_at.is_some_and(|at| proof.asked <= at)
    }
}
