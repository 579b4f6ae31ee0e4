//! The real program under programs that people use: vim, promtool, curl.
//!
//! A program that is not installed is said and counted as ignored; with `OPS_TEST_REAL=1`
//! it is a failure. That needs a count the standard harness does not keep, hence this one.

mod curl;
mod promtool;
mod vim;

use libtest_mimic::{Arguments, Failed, Trial};
use std::{
    future::Future,
    io::{self, Write},
    path::PathBuf,
    process::{Command, ExitCode, Output},
};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = vec![
        trial("vim", "a_save_by_vim_takes_effect", vim::a_save_takes_effect),
        trial("promtool", "the_metrics_are_clean", promtool::the_metrics_are_clean),
        trial("curl", "both_protocols_are_spoken_on_one_port", curl::both_protocols_are_spoken),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A test that needs a program.
fn trial<F: Future<Output = ()> + 'static>(program: &'static str, name: &str, test: fn(PathBuf) -> F) -> Trial {
    let found = found(program);
    let must = std::env::var_os("OPS_TEST_REAL").is_some_and(|value| value == "1");
    if found.is_none() && !must {
        let _ = writeln!(io::stdout(), "skipped: {program} is not installed");
    }
    let skipped = found.is_none() && !must;
    let run = move || {
        let path = found.ok_or_else(|| Failed::from(format!("{program} is not installed")))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(test(path));
        Ok(())
    };
    Trial::test(format!("{program}::{name}"), run).with_ignored_flag(skipped)
}

/// Where a program is.
fn found(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Runs to the end; its output and errors as text.
fn run(command: &mut Command) -> (Output, String) {
    let output = command.output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output, text)
}
