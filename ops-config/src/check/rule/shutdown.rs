//! Rules of `[shutdown]`.

use super::{Fact, Judge};
use crate::diagnostic::{Code, Origin};

/// After the drain there must be time left to finish requests in.
pub(super) fn the_drain_ends_before_the_timeout(judge: &mut Judge<'_>) {
    let shutdown = &judge.config.shutdown;
    if shutdown.drain_delay.as_millis() < shutdown.timeout.as_millis() {
        return;
    }
    let drain = Fact::text(&["shutdown", "drain_delay"], &shutdown.drain_delay);
    let timeout = Fact::text(&["shutdown", "timeout"], &shutdown.timeout);
    let only_timeout = judge.draft.origin(&drain.key) == Origin::Default;
    let (fact, other, relation) =
        if only_timeout { (timeout, drain, "longer than") } else { (drain, timeout, "shorter than") };
    let expected = format!("{relation} {}, which is {}", judge.said(&other.key), other.value);
    let help = "leave time between the two for requests under way";
    judge.fault(Code::DrainDelay, fact, expected, help, &[&other.key]);
}
