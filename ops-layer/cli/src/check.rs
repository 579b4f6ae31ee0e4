//! `ops check`.

use crate::command::{file_or_default, Check, ReportFormat};
use ops_config::{
    check::{check, Checked},
    diagnostic::{Format, Report},
    source::Sources,
};
use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

/// Checks each file on its own and reports everything at once.
pub(crate) fn run(config: Option<PathBuf>, options: Check) -> ExitCode {
    let files = if options.files.is_empty() { vec![file_or_default(config)] } else { options.files };
    let mut valid = true;
    for file in files {
        let sources = Sources::from_process(file.clone(), options.set.clone());
        match load(&sources) {
            Ok(checked) => {
                let _ = writeln!(io::stdout(), "{}: valid, sha256 {}", file.display(), checked.sha256());
            }
            Err(report) => {
                valid = false;
                let _ = io::stdout().write_all(report.render(format(options.format)).as_bytes());
            }
        }
    }
    if valid {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn load(sources: &Sources) -> Result<Checked, Report> {
    check(sources, &sources.read()?)
}

fn format(format: ReportFormat) -> Format {
    match format {
        ReportFormat::Human => Format::Human { color: wants_color(&io::stdout()) },
        ReportFormat::Json => Format::Json,
        ReportFormat::Github => Format::Github,
    }
}

/// Colour on a terminal, unless `NO_COLOR` is set and not empty.
pub(crate) fn wants_color(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
