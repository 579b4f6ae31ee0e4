//! `ops diff`: what would change, and what that does to the running process.

mod sides;
mod text;

use crate::{
    input::{file_or_default, Overrides},
    output::{misuse, print},
    running::Place,
};
use clap::{Args, ValueEnum};
use sides::{against_process, between_files};
use std::{path::PathBuf, process::ExitCode};

/// Show what would change, key by key, and what that does to the running process
///
/// Compared is what holds, not how it is written: comments, order and defaults written out make no
/// difference. Both sides are read with the variables of this environment, the profile of `OPS_PROFILE` and
/// --set. With --running, the other side is what is in force in a process, so that the answer is what a
/// save of FILE would do to it.
#[derive(Args, Debug)]
#[command(after_help = HELP, override_usage = "ops diff [OPTIONS] <OLD> <NEW>\n       ops diff [OPTIONS] --running <URL> [FILE]")]
pub(crate) struct Options {
    /// The file before, `-` for standard input; with --running, the file to compare [default: as --config]
    #[arg(value_name = "OLD", required_unless_present = "running")]
    old: Option<PathBuf>,

    /// The file after, `-` for standard input
    #[arg(value_name = "NEW", required_unless_present = "running", conflicts_with = "running")]
    new: Option<PathBuf>,

    /// Compare with what is in force in the process with this admin listener
    ///
    /// A secret that is written in place is seen there only as its mask, so it is not compared.
    #[arg(long, value_name = "URL")]
    running: Option<String>,

    /// The file that holds the token of the admin listener
    ///
    /// Without it, a process on this machine that asks for one is shown the `admin.token` of the configuration
    /// compared, if its port is that of `admin.listen` there.
    #[arg(long, value_name = "FILE", requires = "running", conflicts_with = "new")]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    overrides: Overrides,

    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: DiffFormat,

    /// End with 1 when something differs
    #[arg(long)]
    exit_code: bool,
}

const HELP: &str = "\
Examples:
  ops diff --running http://127.0.0.1:9091         what a save of config/ops.toml would do now
  ops diff ops.toml ops.new.toml                   two files
  git show HEAD:ops.toml | ops diff - ops.toml     since the last commit

Exit code: 0 compared, 1 a side is wrong or silent (with --exit-code also: something differs),
2 wrong usage.";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people
    #[default]
    Human,
    /// One JSON document
    Json,
}

/// Compares and shows.
pub(crate) fn run(config: Option<PathBuf>, options: &Options) -> ExitCode {
    let compared = match (&options.running, &options.old, &options.new) {
        (Some(place), file, _) => {
            let place = match place.parse::<Place>() {
                Ok(place) => place,
                Err(wrong) => return misuse(format_args!("--running: {wrong}")),
            };
            let file = file.clone().unwrap_or_else(|| file_or_default(config));
            against_process(&place, options.token_file.as_deref(), &file, &options.overrides)
        }
        (None, Some(old), Some(new)) => between_files(old, new, &options.overrides),
        // The parser asks for both.
        (None, ..) => return misuse("name two files"),
    };
    let compared = match compared {
        Ok(compared) => compared,
        Err(refused) => return refused,
    };
    let text = match options.format {
        DiffFormat::Human => text::human(&compared),
        DiffFormat::Json => text::json(&compared),
    };
    let differs = options.exit_code && !compared.differences.is_empty();
    print(&text, if differs { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
