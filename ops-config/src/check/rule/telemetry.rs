//! Rules of `[observability]`.

use super::{Fact, Judge};
use crate::diagnostic::{Code, KeyPath};

/// Each bucket's bound is above the one before it.
pub(super) fn buckets_rise(judge: &mut Judge<'_>) {
    let list: KeyPath = ["observability", "latency_buckets"].into_iter().collect();
    let buckets = &judge.config.observability.latency_buckets;
    for (index, pair) in buckets.windows(2).enumerate() {
        if pair[1] <= pair[0] {
            let fact = Fact { key: list.index(index + 1), value: pair[1].to_string() };
            let expected = format!("above {}, the bound before it", pair[0]);
            let help = "sort the bounds, each once";
            judge.fault(Code::BucketsNotRising, fact, expected, help, &[&list]);
        }
    }
}
