//! Rules of `[pools]`.

use super::{Fact, Judge};
use crate::diagnostic::Code;

/// A pool keeps no more connections than it may open.
pub(super) fn bounds_agree(judge: &mut Judge<'_>) {
    for (name, pool) in &judge.config.pools {
        if pool.min_connections.get() > pool.max_connections.get() {
            let low = Fact::new(&["pools", name.as_str(), "min_connections"], &pool.min_connections);
            let high = Fact::new(&["pools", name.as_str(), "max_connections"], &pool.max_connections);
            judge.contradiction(Code::PoolBounds, low, "at most", high, "at least");
        }
    }
}
