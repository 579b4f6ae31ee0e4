//! Rules of `[retries]`.

use super::{Fact, Judge};
use crate::diagnostic::Code;

/// The first pause is no longer than the longest.
pub(super) fn backoffs_agree(judge: &mut Judge<'_>) {
    for (name, retry) in &judge.config.retries {
        if retry.initial_backoff.get() > retry.max_backoff.get() {
            let low = Fact::text(&["retries", name.as_str(), "initial_backoff"], &retry.initial_backoff);
            let high = Fact::text(&["retries", name.as_str(), "max_backoff"], &retry.max_backoff);
            judge.contradiction(Code::BackoffBounds, low, "at most", high, "at least");
        }
    }
}
