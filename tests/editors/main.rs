//! The schema in the two TOML language servers people use, taplo and tombi: what they complete,
//! say under the pointer, and underline.
//!
//! The programs are looked for in the folders that `OPS_EDITORS` lists, then in those of `PATH`.
//! taplo is built with or without its language server; what needs it asks for one that has it.

mod client;
mod editor;
mod fault;
mod lint;
mod server;

use editor::{Editor, TAPLO, TOMBI};
use libtest_mimic::{Arguments, Trial};
use ops_tests::outside::trial_with;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

type Test = (&'static str, fn(Editor, &Path));

const OF_LINTERS: [Test; 4] = [
    ("the_samples_are_clean_and_left_as_they_are", lint::samples_are_clean),
    ("each_sample_names_a_schema_that_is_found", lint::samples_name_their_schema),
    ("each_fault_that_a_schema_can_express_is_flagged_at_its_line", lint::faults_are_flagged),
    ("what_no_schema_can_express_is_not_claimed", lint::rules_are_not_claimed),
];

const OF_SERVERS: [Test; 4] = [
    ("keys_are_completed", server::keys_are_completed),
    ("words_are_completed", server::words_are_completed),
    ("keys_are_explained_with_range_and_default", server::keys_are_explained),
    ("faults_are_underlined_as_they_are_typed", server::faults_are_underlined),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let plain = |name, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let mut trials = vec![
        plain("each_fault_is_one_to_the_check_too", lint::each_fault_is_one_to_the_check_too),
        plain("what_no_schema_can_express_the_check_says", lint::the_check_knows_more),
    ];
    for editor in [TAPLO, TOMBI] {
        let (linter, server) = (editor.found(), editor.found_serving());
        trials.extend(OF_LINTERS.map(|test| of(editor.name, linter.clone(), editor, test)));
        let program = if editor.name == TAPLO.name { "taplo with its language server" } else { editor.name };
        trials.extend(OF_SERVERS.map(|test| of(program, server.clone(), editor, test)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn of(program: &'static str, found: Option<PathBuf>, editor: Editor, (name, test): Test) -> Trial {
    trial_with(program, name, found, move |path| {
        test(editor, &path);
        Ok(())
    })
}
