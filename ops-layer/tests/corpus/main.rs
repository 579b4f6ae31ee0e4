//! The corpora of the fuzz targets, judged again, and inputs made of them: what was found once
//! stays mended, on stable and without a fuzzer.

#[expect(unreachable_pub, reason = "included from a library, where the targets need it")]
#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;
mod mutants;

use fuzz::{Judge, TARGETS};
use mutants::Mutants;
use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

/// The largest input that is kept or made.
const LARGEST: usize = 4096;

fn judge_of(target: &str) -> Judge {
    let found = TARGETS.iter().find(|(name, _)| *name == target);
    found.unwrap_or_else(|| panic!("{target} is no target")).1
}

/// A target's inputs, always in the same order.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let folder = fs::read_dir(folder).unwrap_or_else(|error| panic!("{target}: {error}"));
    let mut inputs: Vec<_> = folder.map(|entry| entry.expect("a file").path()).collect();
    inputs.sort();
    inputs.into_iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
}

/// Judges `count` inputs made of a target's corpus: the same ones wherever and whenever it runs.
fn judge_mutants(target: &str, count: usize) {
    let judge = judge_of(target);
    let inputs = corpus(target).into_iter().map(|(_, data)| data).collect();
    for data in Mutants::new(inputs, LARGEST).take(count) {
        assert!(
            catch_unwind(|| judge(&data)).is_ok(),
            "{target} does not hold of {:?}, as bytes {data:?}",
            String::from_utf8_lossy(&data),
        );
    }
}

#[test]
fn every_input_of_the_corpora_is_judged_well() {
    for (target, judge) in TARGETS {
        let inputs = corpus(target);
        assert!(inputs.len() >= 10, "{target} has only {} inputs", inputs.len());
        for (path, data) in inputs {
            assert!(data.len() <= LARGEST, "{} is too large to be kept", path.display());
            assert!(catch_unwind(|| judge(&data)).is_ok(), "found by {}", path.display());
        }
    }
}

/// One test a target, so that they run beside each other; each takes some seconds.
macro_rules! mutants {
    ($($target:ident: $count:literal)*) => {
        mod what_is_made_of_the_corpus {
            $(#[test]
            fn $target() {
                super::judge_mutants(stringify!($target), $count);
            })*
        }

        #[test]
        fn every_target_judges_what_is_made_of_its_corpus() {
            assert!(TARGETS.iter().map(|(name, _)| *name).eq([$(stringify!($target)),*]));
        }
    };
}

mutants! {
    breaker: 50_000
    environment: 2000
    file: 2000
    rate: 30_000
    saves: 20_000
    schema: 100_000
    trace: 300_000
    trail: 300_000
    value: 150_000
}

#[test]
fn the_same_inputs_are_made_each_time() {
    let made = || Mutants::new(vec![b"one".to_vec(), b"two".to_vec()], 64).take(1000).collect::<Vec<_>>();
    assert_eq!(made(), made());
    assert!(made().iter().all(|data| data.len() <= 64));
}
