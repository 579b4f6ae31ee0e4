//! The linters, which judge as the servers do.

use crate::{
    editor::Editor,
    fault::{Fault, FAULTS, RULES},
};
use ops_config::{
    check::check,
    diagnostic::{Report, Stage},
    schema,
    source::{Sources, Texts},
};
use ops_tests::outside::run;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate has a parent folder")
}

/// A file that names the repository's schema.
pub(crate) fn with_schema(text: &str) -> String {
    format!("#:schema {}\n{text}", root().join("schema/ops.schema.json").display())
}

fn home() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// The samples as they stand, judged by the schema that each names.
fn samples() -> Vec<PathBuf> {
    let files = fs::read_dir(root().join("config")).expect("the samples").map(|entry| entry.expect("a sample").path());
    let samples: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect();
    assert!(samples.len() >= 3, "{samples:?}");
    samples
}

pub(crate) fn samples_are_clean(editor: Editor, program: &Path) {
    let home = home();
    for sample in samples() {
        let (output, said) = run(editor.linter(program, home.path()).arg(&sample));
        assert!(output.status.success(), "{}: {said}", sample.display());
        let (output, said) = run(editor.formatter(program, home.path()).arg(&sample));
        assert!(output.status.success(), "{} would be formatted anew: {said}", sample.display());
    }
}

/// "Clean" may mean that no schema was found: so each sample is spoilt, beside a copy of the schema
/// where its first line says that it is.
pub(crate) fn samples_name_their_schema(editor: Editor, program: &Path) {
    let home = home();
    for folder in ["config", "schema"] {
        fs::create_dir(home.path().join(folder)).expect("a folder");
    }
    let schema = "schema/ops.schema.json";
    fs::copy(root().join(schema), home.path().join(schema)).expect("the schema");
    for sample in samples() {
        let spoilt = fs::read_to_string(&sample).expect("a sample") + "no_such_key = 1\n";
        let copy = home.path().join("config/spoilt.toml");
        fs::write(&copy, &spoilt).expect("a copy");
        let (output, said) = run(editor.linter(program, home.path()).arg(&copy));
        assert!(!output.status.success(), "{} is not judged: {said}", sample.display());
        assert!(editor.lines(&said, "spoilt.toml").contains(&spoilt.lines().count()), "{said}");
    }
}

pub(crate) fn faults_are_flagged(editor: Editor, program: &Path) {
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let lines = flagged(editor, program, fault);
        let missed = fault.missed.iter().find(|(name, _)| *name == editor.name);
        match missed {
            None if !lines.contains(&fault.line()) => {
                wrong.push(format!("{}: line {} is not among {lines:?}", fault.what, fault.line()));
            }
            Some((_, why)) if !lines.is_empty() => wrong.push(format!("{}: seen after all, {why:?}", fault.what)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", editor.name, wrong.join("\n"));
}

pub(crate) fn rules_are_not_claimed(editor: Editor, program: &Path) {
    for rule in RULES {
        assert_eq!(flagged(editor, program, rule), Vec::<usize>::new(), "{}", rule.what);
    }
}

fn flagged(editor: Editor, program: &Path, fault: &Fault) -> Vec<usize> {
    let home = home();
    let file = home.path().join("wrong.toml");
    fs::write(&file, with_schema(fault.text)).expect("a file");
    let (output, said) = run(editor.linter(program, home.path()).arg(&file));
    let lines = editor.lines(&said, "wrong.toml");
    assert_eq!(output.status.success(), lines.is_empty(), "{}: {said}", fault.what);
    lines
}

/// The editors judge by the schema alone; what they underline the check must refuse at the same place.
pub(crate) fn each_fault_is_one_to_the_check_too() {
    for fault in FAULTS {
        let report = refused(fault);
        assert!(report.violations.iter().any(|found| found.code.stage() < Stage::Rule), "{}: {report}", fault.what);
        let lines: Vec<_> = report.violations.iter().filter_map(|found| Some(found.origin.position()?.line)).collect();
        assert!(lines.contains(&fault.line()), "{}: {lines:?}", fault.what);
    }
}

/// And what only the check sees is beyond a schema, not forgotten in ours.
pub(crate) fn the_check_knows_more() {
    for rule in RULES {
        let report = refused(rule);
        let [only] = report.violations.as_slice() else { panic!("{}: {report}", rule.what) };
        assert_eq!(only.code.stage(), Stage::Rule, "{}: {report}", rule.what);
        assert_eq!(only.origin.position().map(|at| at.line), Some(rule.line()), "{}: {report}", rule.what);
        let document = toml::from_str::<serde_json::Value>(rule.text).expect("TOML");
        assert!(schema::validator().is_valid(&document), "{}", rule.what);
    }
}

fn refused(fault: &Fault) -> Report {
    let texts = Texts::from_bytes("ops.toml", with_schema(fault.text).into_bytes()).expect("a text");
    check(&Sources::from_file("ops.toml"), &texts).expect_err(fault.what)
}
