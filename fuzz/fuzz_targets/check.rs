//! Any text, checked as an `ops.toml`: it is valid or every fault is reported, nothing panics, and no secret is shown.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ops_config::{
    check::check,
    diagnostic::{Format, Report},
    source::{Sources, Texts},
};

/// Stands in secret places only; an input that holds it by itself proves nothing.
const SECRET: &str = "hunter2-is-not-to-be-shown";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.contains(SECRET) {
        return;
    }
    judge(text);
    judge(&format!(
        "version = 1\nadmin.token = \"{SECRET}\"\npools.main.url = \"postgres://ops:{SECRET}@db/main\"\n{text}"
    ));
});

fn judge(text: &str) {
    let sources =
        Sources { file: "ops.toml".into(), profile: None, variables: Vec::new(), set: Vec::new() };
    let checked = Texts::from_bytes("ops.toml", text.as_bytes().to_vec()).and_then(|texts| check(&sources, &texts));
    match checked {
        Ok(checked) => {
            hides(&format!("{checked:?}"));
            hides(&checked.value().to_string());
        }
        Err(report) => blames(&report),
    }
}

fn blames(report: &Report) {
    assert!(!report.violations.is_empty(), "refused for a reason");
    for format in [Format::Human { color: false }, Format::Json, Format::Github] {
        hides(&report.render(format));
    }
    hides(&format!("{report:?}"));
}

fn hides(output: &str) {
    assert!(!output.contains(SECRET), "a secret is shown");
}
