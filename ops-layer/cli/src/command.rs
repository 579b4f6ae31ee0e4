//! What can be asked of the program.

use crate::{check, completions, diff, explain, init, schema, serve, show};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// One ops.toml says how a service is operated; every key takes effect on save.
#[derive(Debug, Parser)]
#[command(name = "ops", version, about, max_term_width = 100, after_help = HELP)]
pub(crate) struct Ops {
    /// The configuration [default: config/ops.toml, then ops.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const HELP: &str = "\
Environment:
  OPS_<SECTION>__<KEY>    a key over that of the file, such as OPS_LIMITS__MAX_IN_FLIGHT=8
  OPS_PROFILE             a profile: with `staging`, ops.staging.toml beside the file overrides it
  OTEL_…                  OTEL_SERVICE_NAME and other standard variables, below the file
  NO_COLOR                no colours, whatever the terminal can do

Exit code: 0 done, 1 the configuration is wrong or it could not be done, 2 wrong usage.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(serve::Options),
    Check(check::Options),
    Explain(explain::Options),
    Show(show::Options),
    Diff(diff::Options),
    Init(init::Options),
    Schema(schema::Options),
    Completions(completions::Options),
}

impl Default for Command {
    fn default() -> Self {
        Self::Serve(serve::Options::default())
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Ops};
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
}
