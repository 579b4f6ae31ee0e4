//! Programs that others wrote, as the tests use them.
//!
//! A program that is not installed is said and its tests are counted as ignored; with
//! `OPS_TEST_REAL=1` they fail. That needs a count the standard harness does not keep, so
//! suites made of these are `libtest-mimic` programs.

use libtest_mimic::{Failed, Trial};
use std::{
    future::Future,
    io::{self, Write},
    path::PathBuf,
    process::{Command, Output},
};

/// A test that needs a program, looked for in the folders of `PATH`.
pub fn trial<F: Future<Output = ()> + 'static>(program: &'static str, name: &str, test: fn(PathBuf) -> F) -> Trial {
    let runs = move |path| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(test(path));
        Ok(())
    };
    trial_with(program, name, found(program), runs)
}

/// A test that needs a program, where it is known whether it was found.
pub fn trial_with(
    program: &'static str,
    name: &str,
    found: Option<PathBuf>,
    test: impl FnOnce(PathBuf) -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let must = std::env::var_os("OPS_TEST_REAL").is_some_and(|value| value == "1");
    let skipped = found.is_none() && !must;
    if skipped {
        let _ = writeln!(io::stdout(), "skipped: {program} is not installed");
    }
    let run = move || test(found.ok_or_else(|| Failed::from(format!("{program} is not installed")))?);
    Trial::test(format!("{program}::{name}"), run).with_ignored_flag(skipped)
}

/// Where a program is, in the folders of `PATH`.
#[must_use]
pub fn found(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Runs to the end; its output and errors as text.
///
/// # Panics
/// When the program cannot be started.
pub fn run(command: &mut Command) -> (Output, String) {
    let output = command.output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output, text)
}
