//! What can be asked of the program.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

/// One ops.toml says how a service is operated; every key takes effect on save.
#[derive(Debug, Parser)]
#[command(name = "ops", version, about, max_term_width = 100)]
pub(crate) struct Ops {
    /// The configuration [default: config/ops.toml, then ops.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the stack on the demo service (what `ops` alone does)
    Serve(Serve),
    /// Check configurations and report everything that is wrong; exit 0 valid, 1 invalid, 2 usage
    Check(Check),
    /// Print the JSON Schema, write all generated files, or check that they are up to date
    Schema(Schema),
}

impl Default for Command {
    fn default() -> Self {
        Self::Serve(Serve::default())
    }
}

#[derive(Args, Debug, Default)]
pub(crate) struct Serve {
    /// Set a key over everything else, as in `--set limits.max_in_flight=8`
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    pub(crate) set: Vec<(String, String)>,
}

#[derive(Args, Debug)]
pub(crate) struct Check {
    /// The files to check [default: as --config]
    pub(crate) files: Vec<PathBuf>,

    /// Set a key over everything else
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    pub(crate) set: Vec<(String, String)>,

    /// How to report
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people, with the lines at fault
    #[default]
    Human,
    /// One JSON document
    Json,
    /// Annotations of a GitHub workflow
    Github,
}

#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct Schema {
    /// Write every generated file: schema, key reference, code table, sample
    #[arg(long)]
    pub(crate) write: bool,

    /// Fail when a generated file is not what would be written
    #[arg(long)]
    pub(crate) check: bool,
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

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE, as in limits.max_in_flight=8".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{assignment, Command, Ops};
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_commands_are_consistent() {
        Ops::command().debug_assert();
    }

    #[test]
    fn nothing_means_serve() {
        let ops = Ops::try_parse_from(["ops"]).expect("no argument is needed");
        assert!(matches!(ops.command.unwrap_or_default(), Command::Serve(_)));
    }

    #[test]
    fn an_assignment_needs_a_key() {
        assert_eq!(assignment("a.b=c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
        assert!(assignment("a.b").is_err());
        assert!(assignment("=c").is_err());
    }
}
