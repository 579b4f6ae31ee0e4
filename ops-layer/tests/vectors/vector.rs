//! The vectors of this folder.

use serde_json::{json, Value};
use std::{fs, path::Path};

/// A sequence of events, each with what must come of it.
#[derive(Debug)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) pins: String,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug)]
pub(crate) struct Step {
    /// `FILE:LINE`
    pub(crate) place: String,
    pub(crate) request: String,
    pub(crate) expected: Value,
}

/// All of them, always in the same order.
pub(crate) fn all() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let files = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("a file").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    files.sort();
    let read = |path: &Path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        read(&name, &fs::read_to_string(path).expect("a text"))
    };
    files.iter().flat_map(|path| read(path)).collect()
}

/// Those of one file.
pub(crate) fn read(file: &str, text: &str) -> Vec<Vector> {
    let mut vectors: Vec<Vector> = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let place = format!("{file}:{number}");
        let mut request: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error}"));
        let word = |key: &str| request[key].as_str().unwrap_or_default().to_owned();
        if request.get("vector").is_some() {
            vectors.push(Vector { name: word("vector"), pins: word("pins"), steps: Vec::new() });
            continue;
        }
        let keys = request.as_object_mut().unwrap_or_else(|| panic!("{place} is no object"));
        let expected = keys.remove("expect").unwrap_or_else(|| json!({ "ok": true }));
        let vector = vectors.last_mut().unwrap_or_else(|| panic!("{place} stands before the first vector"));
        vector.steps.push(Step { place, request: request.to_string(), expected });
    }
    vectors
}
