//! The binary `ops`, built once.

use serde_json::Value;
use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The binary, built from these sources in the profile of the tests.
///
/// # Panics
/// When it does not build.
#[must_use]
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(build)
}

/// A command that runs it, with no variable that would change what it is configured to do.
#[must_use]
pub fn command() -> Command {
    command_by(&[])
}

/// The same, started by another program that becomes it in the end: its own words come last.
#[must_use]
pub fn command_by(before: &[&str]) -> Command {
    let mut command = Command::new(before.first().map_or(path().as_os_str(), OsStr::new));
    if let [_, rest @ ..] = before {
        command.args(rest).arg(path());
    }
    let speaks = |name: &str| name.starts_with("OPS_") || name.starts_with("OTEL_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(speaks)) {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Cargo says where the binary is, whatever its target folder. The whole workspace and a test
/// are named so that Cargo unites the features of the dependencies as `cargo test --workspace`
/// does, and builds none of them twice.
fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--workspace", "--bin", "ops", "--test", "static"]);
    command.args(["--message-format", "json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate has a parent folder");
    let output = command.current_dir(root).stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "the program does not build");
    let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages.filter(|message| message["target"]["name"] == "ops");
    let path = programs.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    path.expect("cargo says where the program is")
}
