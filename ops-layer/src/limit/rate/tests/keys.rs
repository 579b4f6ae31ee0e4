//! Many keys against a table of all buckets there ever were.

use super::super::{refill::TOKEN, table::Table};
use proptest::{collection::vec, prelude::*};
use std::{collections::HashMap, thread};

const BURST: u64 = 3;

/// What a table with room for all keys would hold: the mark each key is paid for.
#[derive(Default)]
struct Model {
    own: HashMap<u64, u64>,
    shared: u64,
}

impl Model {
    /// Whether the key is given a token, by the rules and not by the code.
    fn take(&mut self, key: u64, mark: u64, most: usize) -> bool {
        let owing = self.own.values().filter(|paid| **paid > mark).count();
        let has_place = self.own.contains_key(&key);
        let paid = if has_place || owing < most { self.own.entry(key).or_default() } else { &mut self.shared };
        let next = (*paid).max(mark) + TOKEN;
        let fits = next - mark <= BURST * TOKEN;
        if fits {
            *paid = next;
        }
        fits
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No key that owes is forgotten, none is freed or charged by the others while there is room, keys without
    /// room share one bucket, and there are never more buckets than the bound, which an edit may move.
    #[test]
    fn buckets_are_bounded_and_none_that_owes_is_forgotten(
        steps in vec((0_u64..40, prop_oneof![6 => Just(0), 3 => 1..TOKEN, 1 => 0..10 * TOKEN]), 1..400),
        bounds in (1_usize..20, 1_usize..20),
    ) {
        let (table, mut model, mut mark) = (Table::default(), Model::default(), 0);
        let half = steps.len() / 2;
        for (at, (key, passed)) in steps.into_iter().enumerate() {
            let most = if at < half { bounds.0 } else { bounds.1 };
            mark += passed;
            let expected = model.take(key, mark, most);
            prop_assert_eq!(table.take(key, mark, BURST * TOKEN, most).is_ok(), expected, "key {} at {}", key, mark);
            // To count the keys is to let go of those whose buckets are full.
            model.own.retain(|_, paid| *paid > mark);
            prop_assert_eq!(table.keys(mark), model.own.len());
            prop_assert!(model.own.len() <= bounds.0.max(bounds.1));
        }
    }
}

#[test]
fn a_flood_of_made_up_keys_neither_resets_a_victim_nor_frees_an_attacker() {
    let table = Table::default();
    let take = |key: u64, mark| table.take(key, mark, BURST * TOKEN, 100).is_ok();
    for spent in 0..=BURST {
        assert_eq!(take(0, 0), spent < BURST);
    }
    let flood = (1..100_000_u64).filter(|key| take(*key, 0)).count() as u64;
    assert_eq!(flood, 99 + BURST, "each place once, then one bucket for all");
    assert!(!take(0, 0), "who had spent all has spent all");
    assert_eq!(table.keys(0), 100);
    // Time makes room again.
    assert!(take(200_000, 2 * TOKEN));
    assert_eq!(table.keys(2 * TOKEN), 2, "the one that had spent three, and the new one");
    assert_eq!(table.keys(9 * TOKEN), 0);
}

#[test]
fn threads_together_take_no_more_than_the_keys_have() {
    let table = Table::default();
    let taken = thread::scope(|scope| {
        let work = || (0..40_000_u64).filter(|n| table.take(n % 500, 1, BURST * TOKEN, 400).is_ok()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<usize>()
    });
    assert_eq!(taken as u64, 400 * BURST + BURST, "four hundred with a place, and those that share");
    assert_eq!(table.keys(1), 400);
}
