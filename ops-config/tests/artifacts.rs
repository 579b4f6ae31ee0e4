//! What is generated is what stands in the repository.

use ops_config::schema;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn every_generated_file_is_what_the_code_makes() {
    let drift: Vec<String> = schema::drift(root()).iter().map(ToString::to_string).collect();
    assert!(drift.is_empty(), "{}\nmend it with: cargo run -- schema --write", drift.join("\n"));
}

#[test]
#[ignore = "writes into the repository"]
fn regenerate() {
    schema::write(root()).unwrap();
}
