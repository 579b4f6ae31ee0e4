//! What is generated is what stands in the repository, and every sample is right.

use ops_config::{check::check, schema, source::Sources};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn samples() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("config")).expect("config/ is there").map(Result::ok);
    let files = entries.map(|entry| entry.expect("config/ can be read").path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect()
}

#[test]
fn every_generated_file_is_what_the_code_makes() {
    let drift: Vec<String> = schema::drift(root()).iter().map(ToString::to_string).collect();
    assert!(drift.is_empty(), "{}\nmend it with: cargo run -- schema --write", drift.join("\n"));
}

#[test]
fn drift_names_the_file_and_the_line_and_writing_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    assert!(schema::drift(folder.path()).iter().all(|drift| drift.line.is_none()));

    let all = schema::artifacts().len();
    assert_eq!(schema::write(folder.path()).unwrap().len(), all);
    assert_eq!(schema::drift(folder.path()), []);
    assert_eq!(schema::write(folder.path()).unwrap().len(), 0, "nothing to write again");

    let sample = folder.path().join("config/ops.toml");
    let text = fs::read_to_string(&sample).unwrap().replacen("version = 1", "version = 2", 1);
    fs::write(&sample, &text).unwrap();
    let line = text.lines().position(|line| line == "version = 2").unwrap() + 1;
    assert_eq!(schema::drift(folder.path()), [schema::Drift { path: "config/ops.toml", line: Some(line) }]);
}

#[test]
fn writing_names_the_place_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("schema"), "a file where a folder should be").unwrap();
    let error = schema::write(folder.path()).unwrap_err().to_string();
    assert!(error.contains("schema"), "{error}");
}

#[test]
fn every_sample_is_valid_and_names_its_schema() {
    assert!(samples().len() >= 3);
    for path in samples() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.display();
        assert!(text.starts_with("#:schema ../schema/ops.schema.json\n"), "{name}");
        let value: serde_json::Value = toml::from_str(&text).unwrap();
        let faults: Vec<String> = schema::validator().iter_errors(&value).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
        let sources = Sources::from_file(&path);
        let texts = sources.read().unwrap();
        assert!(check(&sources, &texts).is_ok(), "{name}: `ops check` says what is wrong");
    }
}
