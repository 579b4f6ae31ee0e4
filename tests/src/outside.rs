//! Programs that others wrote, as the tests use them.
//!
//! A program that is not installed is said and its tests are counted as ignored; with
//! `OPS_TEST_REAL=1` they fail. That needs a count the standard harness does not keep, so
//! suites made of these are `libtest-mimic` programs.

use libtest_mimic::{Failed, Trial};
use std::{
    ffi::OsStr,
    future::Future,
    io::{self, Write},
    path::PathBuf,
    process::{Command, Output},
};

/// What a test needs of the machine.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// A program of this name.
    Program(&'static str),
    /// A right of this name, and whether the machine gives it. A machine that does not is no
    /// fault, so that such a test is only ever ignored.
    Right(&'static str, fn() -> bool),
}

/// A test that needs all of these, or nothing but the program itself.
#[must_use]
pub fn needs<F: Future<Output = ()> + 'static>(needs: &[Need], name: &'static str, test: fn() -> F) -> Trial {
    let must = std::env::var_os("OPS_TEST_REAL").is_some_and(|value| value == "1");
    let (mut skipped, mut failed) = (false, None);
    for need in needs {
        let said = match need {
            Need::Program(program) if found(program).is_none() => {
                skipped |= !must;
                failed = must.then(|| format!("{program} is not installed"));
                format!("{program} is not installed")
            }
            // Where a program is missing nobody can say.
            Need::Right(right, given) if !skipped && failed.is_none() && !given() => {
                skipped = true;
                format!("the machine does not give {right}")
            }
            Need::Program(_) | Need::Right(..) => continue,
        };
        let _ = writeln!(io::stdout(), "skipped: {name}: {said}");
    }
    let run = move || {
        if let Some(missing) = failed {
            return Err(Failed::from(missing));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(test());
        Ok(())
    };
    Trial::test(name, run).with_ignored_flag(skipped)
}

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

/// Whether a program is there, for a part of a test that needs it. That it is not is said.
///
/// # Panics
/// When it is not there and `OPS_TEST_REAL=1`.
#[must_use]
pub fn is_here(program: &str) -> bool {
    let must = std::env::var_os("OPS_TEST_REAL").is_some_and(|value| value == "1");
    let is_here = found(program).is_some();
    assert!(is_here || !must, "{program} is not installed");
    if !is_here {
        let _ = writeln!(io::stdout(), "skipped: {program} is not installed");
    }
    is_here
}

/// Where a program is: in the folders of `PATH`, or where Debian puts servers, which are in nobody's `PATH`.
#[must_use]
pub fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let servers = versions.map(|version| version.path().join("bin")).chain(["/usr/sbin".into()]);
    let folders = std::env::split_paths(&path).chain(servers);
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
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

/// Runs a program that must succeed, with these arguments.
///
/// # Panics
/// When it cannot be started, or does not succeed.
pub fn succeed<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) {
    let mut command = Command::new(program);
    let (output, said) = run(command.args(arguments));
    assert!(output.status.success(), "{command:?}: {} {said}", output.status);
}
