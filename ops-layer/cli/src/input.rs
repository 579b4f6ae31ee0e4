//! The configuration that a command is about: a file or standard input, with this command's environment.

use crate::output::{fail, is_coloured, note};
use clap::Args;
use ops_config::{
    check::{check, Checked},
    diagnostic::{Format, Report},
    source::{Sources, Texts},
};
use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// How standard input is named on the command line.
const PIPE: &str = "-";
/// How it is named in reports.
const PIPED: &str = "<stdin>";

/// Values over those of the file.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// Set a key over everything else, as in `--set limits.max_in_flight=8`; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    pub(crate) set: Vec<(String, String)>,
}

/// What a configuration is read from.
pub(crate) struct Input {
    /// How it is named to people.
    pub(crate) name: PathBuf,
    /// Where everything is said.
    pub(crate) sources: Sources,
    is_piped: bool,
}

impl Input {
    /// A file; or, named `-`, standard input in the place of `other`, whose profile's file goes with it.
    pub(crate) fn new(file: PathBuf, other: &Path, overrides: &Overrides) -> Self {
        let is_piped = file == Path::new(PIPE);
        let (name, file) = if is_piped { (PIPED.into(), other.to_owned()) } else { (file.clone(), file) };
        Self { name, sources: Sources::from_process(file, overrides.set.clone()), is_piped }
    }

    /// Reads it. Standard input is used up by that.
    pub(crate) fn read(&self) -> Result<Texts, Report> {
        if self.is_piped {
            self.sources.read_from(&self.name, io::stdin().lock())
        } else {
            self.sources.read()
        }
    }

    /// Reads and checks it, and says what was ignored.
    pub(crate) fn checked(&self) -> Result<Checked, Report> {
        let checked = check(&self.sources, &self.read()?)?;
        warn(&checked);
        Ok(checked)
    }
}

/// The file that is meant when none is named.
pub(crate) fn file_or_default(named: Option<PathBuf>) -> PathBuf {
    named.unwrap_or_else(|| {
        let first = Path::new("config/ops.toml");
        let second = Path::new("ops.toml");
        // Where neither is there, the error should name the first.
        if !first.exists() && second.exists() { second } else { first }.to_owned()
    })
}

/// Says what was ignored.
pub(crate) fn warn(checked: &Checked) {
    for warning in checked.warnings() {
        note(format_args!("warning: {warning}"));
    }
}

/// Says what is wrong, and what follows: exit code 1.
pub(crate) fn refuse(report: &Report, consequence: &str) -> ExitCode {
    let text = report.render(Format::Human { color: is_coloured(&io::stderr()) });
    fail(format_args!("{text}; {consequence}"))
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE, as in limits.max_in_flight=8".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn an_assignment_needs_a_key() {
        assert_eq!(assignment("a.b=c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
        assert!(assignment("a.b").is_err());
        assert!(assignment("=c").is_err());
    }
}
