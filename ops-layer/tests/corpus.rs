//! The corpora of the fuzz targets, judged again: what was found once stays mended, on stable and
//! without a fuzzer.

#[expect(unreachable_pub, reason = "included from a library, where the targets need it")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::{fs, path::Path};

#[test]
fn every_input_of_the_corpora_is_judged_well() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (target, judge) in fuzz::TARGETS {
        let folder = fs::read_dir(corpora.join(target)).unwrap_or_else(|error| panic!("{target}: {error}"));
        let inputs: Vec<_> = folder.map(|entry| entry.expect("a file").path()).collect();
        assert!(inputs.len() >= 10, "{target} has only {} inputs", inputs.len());
        for input in inputs {
            let data = fs::read(&input).expect("a file");
            assert!(data.len() <= 4096, "{} is too large to be kept", input.display());
            let judged = std::panic::catch_unwind(|| judge(&data));
            assert!(judged.is_ok(), "found by {}", input.display());
        }
    }
}
