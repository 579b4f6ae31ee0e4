//! `ops explain`.

use crate::run::Folder;
use insta::assert_snapshot;

#[test]
fn a_key_is_explained_with_everything_there_is_to_say() {
    let folder = Folder::new();
    let keys = ["limits.mode", "pools.main.max_connections", "admin.token", "probes.checks.cache.path", "version"];
    let texts = keys.map(|key| folder.ops(&["explain", key]).good());
    assert_snapshot!(texts.join("\n====\n\n"));
}

#[test]
fn the_key_that_tells_kinds_apart_lists_them() {
    let folder = Folder::new();
    let whole = folder.ops(&["explain", "probes.checks.x.kind"]).good();
    assert!(whole.contains("\"pool\", \"http\", \"tcp\", \"disk\" or \"memory\""), "{whole}");
    for kind in ["pool", "http", "tcp", "disk", "memory"] {
        assert!(whole.contains(&format!("\"{kind}\": ")), "{kind}: {whole}");
    }
    assert!(whole.contains("Which kind it is"), "{whole}");
    let end = folder.ops(&["explain", "kind"]).good();
    assert!(end.starts_with("probes.checks.NAME.kind\n") && end.contains("\"memory\": "), "{end}");
}

#[test]
fn a_section_lists_its_keys_and_a_table_those_of_each_name() {
    let folder = Folder::new();
    let keys = ["limits", "pools", "breakers.payments", "observability.sampling_rules", "breakers.x.failure_rate"];
    let texts = keys.map(|key| folder.ops(&["explain", key]).good());
    assert_snapshot!(texts.join("\n====\n\n"));
}

#[test]
fn a_code_is_explained_with_how_to_mend_it() {
    assert_snapshot!(Folder::new().ops(&["explain", "OPS103"]));
}

#[test]
fn the_end_of_a_key_is_enough_or_lists_the_candidates() {
    let folder = Folder::new();
    let whole = folder.ops(&["explain", "pools.NAME.max_connections"]).good();
    assert_eq!(folder.ops(&["explain", "max_connections"]).good(), whole);
    let mode = folder.ops(&["explain", "limits.mode"]).good();
    assert_eq!(folder.ops(&["explain", "OPS_LIMITS__MODE"]).good(), mode);
    assert_snapshot!(folder.ops(&["explain", "timeout"]));
}

#[test]
fn what_there_is_not_ends_badly_with_what_was_meant() {
    let folder = Folder::new();
    for (asked, hint) in [
        ("limits.max_inflight", "did you mean `limits.max_in_flight`?"),
        ("OPS_LIMITS__MOD", "did you mean `limits.mode`?"),
        ("ééé", "`ops explain` lists them"),
        ("health", "`health` is retired since 0.1.0: `ops explain probes` tells what has its place"),
        ("limits.colour", "`ops explain limits` tells what there is"),
        ("OPS999", "codes are OPS001 to "),
        ("zzzzzz", "`ops explain` lists them"),
    ] {
        let ran = folder.ops(&["explain", asked]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran}");
        assert!(ran.err.contains(hint), "{ran}");
    }
}

#[test]
fn without_an_argument_everything_is_listed() {
    let text = Folder::new().ops(&["explain"]).good();
    let listed = |word: &str| text.lines().any(|line| line.trim_start().starts_with(&format!("{word} ")));
    for section in
        ["observability", "server", "admin", "limits", "shutdown", "probes", "pools", "breakers", "chaos", "reload"]
    {
        assert!(listed(section), "{section}: {text}");
    }
    for code in ops_config::diagnostic::Code::ALL {
        assert!(listed(&code.to_string()), "{code}: {text}");
    }
}

#[test]
fn every_key_there_is_can_be_asked_for() {
    // One process for each would take minutes: the lookup itself is tried with all in the program's own tests.
    let folder = Folder::new();
    for entry in ops_config::schema::entries().iter().step_by(12) {
        let key = entry.key().to_string();
        assert!(folder.ops(&["explain", &key]).good().starts_with(&key.replace("[0]", "")), "{key}");
    }
}
