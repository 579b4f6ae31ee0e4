//! `ops check`.

use crate::command::{file_or_default, Check, ReportFormat};
use ops_config::{
    check::{check, Checked},
    diagnostic::{Format, Report},
    source::Sources,
};
use serde_json::{json, Value};
use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

/// Checks each file on its own and reports everything at once.
pub(crate) fn run(config: Option<PathBuf>, options: Check) -> ExitCode {
    let files = if options.files.is_empty() { vec![file_or_default(config)] } else { options.files };
    let judge = |file: PathBuf| {
        let judged = load(&Sources::from_process(file.clone(), options.set.clone()));
        (file, judged)
    };
    let judged: Vec<Judged> = files.into_iter().map(judge).collect();
    let text = match options.format {
        ReportFormat::Json => as_json(&judged),
        ReportFormat::Human => as_text(&judged, Format::Human { color: wants_color(&io::stdout()) }),
        ReportFormat::Github => as_text(&judged, Format::Github),
    };
    // A reader that has gone, as `| head` does, has seen enough.
    let _ = io::stdout().write_all(text.as_bytes());
    if judged.iter().all(|(_, judged)| judged.is_ok()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A file and what was found.
type Judged = (PathBuf, Result<Checked, Report>);

/// A line for each good file, a report for each other.
fn as_text(judged: &[Judged], format: Format) -> String {
    let texts = judged.iter().map(|(file, judged)| match judged {
        Ok(checked) => format!("{}: valid, sha256 {}\n", file.display(), checked.sha256()),
        Err(report) => format!("{}\n", report.render(format).trim_end()),
    });
    texts.collect()
}

/// One document for all files.
fn as_json(judged: &[Judged]) -> String {
    let files = judged.iter().map(|(file, judged)| match judged {
        Ok(checked) => json!({ "file": file, "valid": true, "sha256": checked.sha256().to_string() }),
        Err(report) => {
            let report: Value = serde_json::from_str(&report.render(Format::Json)).unwrap_or_default();
            json!({ "file": file, "valid": false, "report": report })
        }
    });
    format!("{:#}\n", json!({ "files": files.collect::<Vec<_>>() }))
}

fn load(sources: &Sources) -> Result<Checked, Report> {
    check(sources, &sources.read()?)
}

/// Colour on a terminal, unless `NO_COLOR` is set and not empty.
pub(crate) fn wants_color(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
