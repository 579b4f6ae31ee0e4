//! `ops schema`.

use crate::command::Schema;
use ops_config::schema;
use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

/// Prints the schema, writes every generated file, or checks them.
pub(crate) fn run(options: &Schema) -> ExitCode {
    let here = Path::new(".");
    if options.write {
        return match schema::write(here) {
            Ok(written) => {
                for path in written {
                    let _ = writeln!(io::stdout(), "wrote {}", path.display());
                }
                ExitCode::SUCCESS
            }
            Err(error) => {
                let _ = writeln!(io::stderr(), "error: {error}");
                ExitCode::FAILURE
            }
        };
    }
    if options.check {
        let drifts = schema::drift(here);
        for drift in &drifts {
            let _ = writeln!(io::stderr(), "{drift}");
        }
        return if drifts.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    match writeln!(io::stdout(), "{:#}", schema::document()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
