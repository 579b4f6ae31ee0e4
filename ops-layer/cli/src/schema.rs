//! `ops schema`.

use crate::output::{fail, note, print};
use clap::Args;
use ops_config::schema;
use std::{fmt::Write, path::Path, process::ExitCode};

/// Print the JSON Schema of ops.toml
///
/// Editors complete and check the file with it. The generated files of this repository (schema, key
/// reference, code table, annotated sample) are written and checked by the same command.
#[derive(Args, Debug)]
#[group(multiple = false)]
#[command(after_help = HELP)]
pub(crate) struct Options {
    /// Write every generated file below this folder: schema, key reference, code table, sample
    #[arg(long)]
    write: bool,

    /// Fail when a generated file is not what would be written
    #[arg(long)]
    check: bool,
}

const HELP: &str = "\
Examples:
  ops schema > ops.schema.json     then `#:schema ./ops.schema.json` as the file's first line
  ops schema --check               in CI of this repository

Exit code: 0 done or up to date, 1 a file differs or cannot be written, 2 wrong usage.";

/// Prints the schema, writes every generated file, or checks them.
pub(crate) fn run(options: &Options) -> ExitCode {
    let here = Path::new(".");
    if options.write {
        return match schema::write(here) {
            Ok(written) => {
                let mut text = String::new();
                for path in written {
                    // Writing into a `String` cannot fail.
                    let _ = writeln!(text, "wrote {}", path.display());
                }
                print(&text, ExitCode::SUCCESS)
            }
            Err(error) => fail(format_args!("error: {error}")),
        };
    }
    if options.check {
        let drifts = schema::drift(here);
        drifts.iter().for_each(note);
        return if drifts.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    print(&format!("{:#}\n", schema::document()), ExitCode::SUCCESS)
}
