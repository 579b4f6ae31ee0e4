//! The table of retired keys, held against the schema.

use super::super::{at, retired, Retired, RETIRED};
use crate::diagnostic::KeyPath;
use std::collections::BTreeSet;

fn key(dotted: &str) -> KeyPath {
    dotted.split('.').collect()
}

fn version(text: &str) -> Option<[u64; 3]> {
    let parts: Result<Vec<u64>, _> = text.split('.').map(str::parse).collect();
    parts.ok()?.try_into().ok()
}

/// What is wrong with a row.
fn faults(row: &Retired) -> Vec<&'static str> {
    let present = version(env!("CARGO_PKG_VERSION"));
    let rules = [
        (at(&key(row.key)).is_some(), "the key is in the schema"),
        (at(&key(row.instead)).is_none(), "what is to be used instead is not in the schema"),
        (version(row.since).is_none() || version(row.since) > present, "`since` is no version up to the present one"),
        (row.key.matches("NAME").count() < row.instead.matches("NAME").count(), "a name comes from nowhere"),
    ];
    rules.into_iter().filter_map(|(broken, what)| broken.then_some(what)).collect()
}

/// Feature: production-excellence, Property 16: a retired key says since when and what to use instead.
#[test]
fn every_retired_key_is_gone_and_says_what_to_use() {
    for row in RETIRED {
        assert_eq!(faults(row), Vec::<&str>::new(), "{row:?}");
    }
    let keys: BTreeSet<_> = RETIRED.iter().map(|row| row.key).collect();
    assert_eq!(keys.len(), RETIRED.len(), "each once");
}

#[test]
fn a_row_that_is_wrong_is_found() {
    let good = RETIRED[0];
    for (row, what) in [
        (Retired { key: "limits.mode", ..good }, "the key is in the schema"),
        (Retired { instead: "limits.mod", ..good }, "what is to be used instead is not in the schema"),
        (Retired { since: "99.0.0", ..good }, "`since` is no version up to the present one"),
        (Retired { since: "soon", ..good }, "`since` is no version up to the present one"),
        (Retired { instead: "pools.NAME.url", ..good }, "a name comes from nowhere"),
    ] {
        assert_eq!(faults(&row), [what], "{row:?}");
    }
}

#[test]
fn a_retired_key_is_known_and_none_near_it() {
    let (row, instead) = retired(&key("chaos.network.drop_packets")).unwrap();
    assert_eq!((row.since, instead.to_string().as_str()), ("0.1.0", "chaos.network.drop_rate"));
    for other in ["chaos.network.drop_rate", "chaos.network", "drop_packets", "health.checks"] {
        assert_eq!(retired(&key(other)), None, "{other}");
    }
}
