//! What can be asked of the program.

use crate::{check, completions, diff, explain, init, input::Overrides, schema, serve, show};
use clap::{error::ErrorKind, CommandFactory, Parser, Subcommand};
use std::path::PathBuf;

/// One ops.toml says how a service is operated; every key takes effect on save.
#[derive(Debug, Parser)]
#[command(name = "ops", version, about, max_term_width = 100, after_help = HELP)]
pub(crate) struct Ops {
    /// The configuration [default: config/ops.toml, then ops.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) overrides: Overrides,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Ops {
    /// What is to be done: without a command, to serve.
    ///
    /// # Errors
    /// When values are set before a command, where it would not see them. The parser itself would refuse
    /// --config there as well.
    pub(crate) fn asked(self) -> Result<Command, clap::Error> {
        match self.command {
            None => Ok(Command::Serve(serve::Options { overrides: self.overrides })),
            Some(command) if self.overrides.set.is_empty() => Ok(command),
            Some(_) => {
                let wrong = "--set goes behind the command, as in `ops check --set limits.mode=off`";
                Err(Self::command().error(ErrorKind::ArgumentConflict, wrong))
            }
        }
    }
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
        let asked = |arguments: &[&str]| Ops::try_parse_from(arguments).expect("it parses").asked();
        assert!(matches!(asked(&["ops"]), Ok(Command::Serve(_))));
        let Ok(Command::Serve(options)) = asked(&["ops", "--config", "x", "--set", "a=b"]) else { panic!("serve") };
        assert_eq!(options.overrides.set, [("a".to_owned(), "b".to_owned())]);
        assert!(matches!(asked(&["ops", "--config", "x", "check", "--set", "a=b"]), Ok(Command::Check(_))));
        assert_eq!(asked(&["ops", "--set", "a=b", "check"]).map_err(|error| error.exit_code()).err(), Some(2));
    }
}
