//! Rules of `[limits]`.

use super::{Fact, Judge};
use crate::diagnostic::Code;

/// The adaptive limit has somewhere to be.
pub(super) fn the_floor_is_not_above_the_ceiling(judge: &mut Judge<'_>) {
    let Some(adaptive) = &judge.config.limits.adaptive else { return };
    if adaptive.floor.get() > adaptive.ceiling.get() {
        let low = Fact::new(&["limits", "adaptive", "floor"], &adaptive.floor);
        let high = Fact::new(&["limits", "adaptive", "ceiling"], &adaptive.ceiling);
        judge.contradiction(Code::LimitBounds, low, "at most", high, "at least");
    }
}
