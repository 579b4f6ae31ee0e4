//! `ops init`, and what comes after it.

use crate::run::Folder;
use insta::assert_snapshot;
use ops_tests::service::{Process, Service};

#[test]
fn a_start_from_nothing_is_init_then_check() {
    let folder = Folder::new();
    assert_snapshot!(folder.ops(&["init"]));
    assert!(folder.ops(&["check"]).good().starts_with("config/ops.toml: valid"));
    assert_snapshot!("the_starting_file", folder.read("config/ops.toml"));
}

#[test]
fn the_schema_that_its_first_line_names_is_beside_it() {
    let folder = Folder::new();
    folder.ops(&["init", "deep/er/shop.toml"]);
    let text = folder.read("deep/er/shop.toml");
    let named = text.lines().next().and_then(|line| line.strip_prefix("#:schema ./"));
    let schema: serde_json::Value =
        serde_json::from_str(&folder.read(&format!("deep/er/{}", named.expect("a schema")))).expect("JSON");
    assert_eq!(&schema, ops_config::schema::document());
}

#[test]
fn a_file_that_is_there_is_left_alone() {
    let folder = Folder::with("mine");
    let ran = folder.ops(&["init", "ops.toml"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert_eq!(folder.read("ops.toml"), "mine");
    assert!(!folder.file("ops.schema.json").exists(), "nothing else is written either");
    assert_snapshot!(ran);
    let again = folder.ops(&["init", "--config", "ops.toml"]);
    assert_eq!(again.code, Some(1), "the file of --config is the one that is meant: {again}");
}

#[test]
fn a_configuration_in_use_is_not_put_out_of_use() {
    // The program would prefer config/ops.toml from then on.
    let folder = Folder::with("mine");
    let ran = folder.ops(&["init"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.err.starts_with("error: ops.toml is there already"), "{ran}");
    assert!(!folder.file("config").exists(), "nothing is written");
}

#[test]
fn a_schema_that_is_there_is_left_alone() {
    let folder = Folder::new();
    folder.write("ops.schema.json", "mine");
    let ran = folder.ops(&["init", "ops.toml"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "wrote ops.toml\n"));
    assert_eq!(folder.read("ops.schema.json"), "mine");
}

#[test]
fn it_can_be_looked_at_without_writing() {
    let folder = Folder::new();
    let shown = folder.ops(&["init", "-"]).good();
    folder.ops(&["init"]);
    assert_eq!(shown, folder.read("config/ops.toml"));
}

#[test]
fn a_folder_that_takes_no_file_is_told() {
    let folder = Folder::with("a file, no folder");
    let ran = folder.ops(&["init", "ops.toml/ops.toml"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.starts_with("error: ops.toml cannot be written: "), "{ran}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_init_wrote_serves() {
    let folder = Folder::new();
    folder.ops(&["init"]);
    let text = folder.read("config/ops.toml");
    let anywhere = [
        ("OPS_SERVER__LISTEN", "127.0.0.1:0"),
        ("OPS_ADMIN__LISTEN", "127.0.0.1:0"),
        ("OPS_OBSERVABILITY__METRICS_PORT", "0"),
    ];
    let process = Process::spawn_in(tempfile::tempdir().expect("a temporary folder"), &text, &anywhere);
    let service = Service::of(process).await;
    assert_eq!(service.get("/ok").await.expect("an answer").status.as_u16(), 200);
}
