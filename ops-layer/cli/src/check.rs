//! `ops check`.

use crate::{
    input::{file_or_default, warn, Input, Overrides},
    live,
    output::{is_coloured, misuse, print},
};
use clap::{Args, ValueEnum};
use ops_config::{
    check::{check, Checked},
    diagnostic::{Format, Report},
};
use serde_json::{json, Value};
use std::{io, path::PathBuf, process::ExitCode, sync::Arc};

/// Check configurations and report everything that is wrong
///
/// All faults are told at once, in the order in which they are written, each with its place, what was
/// expected and the smallest change that mends it. Each file is checked as `ops serve` would take it:
/// with the variables of this environment, the profile of `OPS_PROFILE` and --set. Nothing is opened,
/// bound or connected, unless --live is given.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Options {
    /// The files to check, `-` for standard input [default: as --config]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Open what the file names, as a start would, and close it again
    ///
    /// Listeners are bound and released, pools opened and asked, the collector of traces connected to, and
    /// each probe check made once. Nothing is put in force and nothing written. A service that is running
    /// holds its addresses, so beside it they are reported as in use (OPS301): there, `ops diff --running`
    /// tells what a save would do.
    #[arg(long)]
    live: bool,

    #[command(flatten)]
    overrides: Overrides,

    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
}

const HELP: &str = "\
Examples:
  ops check                                    what `ops serve` would take here
  OPS_PROFILE=staging ops check --live         with ops.staging.toml, and everything opened
  git show :config/ops.toml | ops check -      what is about to be committed
  ops check --format github config/*.toml      annotations in a GitHub workflow

Exit code: 0 all valid, 1 something is wrong, 2 wrong usage.";

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ReportFormat {
    /// For people, with the lines at fault
    #[default]
    Human,
    /// One JSON document
    Json,
    /// Annotations of a GitHub workflow
    Github,
}

/// Checks each file on its own and reports everything at once.
pub(crate) fn run(config: Option<PathBuf>, options: &Options) -> ExitCode {
    let default = file_or_default(config);
    if options.files.iter().filter(|file| file.as_os_str() == "-").count() > 1 {
        return misuse("standard input can be read only once");
    }
    let files = if options.files.is_empty() { vec![default.clone()] } else { options.files.clone() };
    let judge = |file: PathBuf| {
        let input = Input::new(file, &default, &options.overrides);
        let judged = judge(&input, options.live);
        (input.name, judged)
    };
    let judged: Vec<Judged> = files.into_iter().map(judge).collect();
    let text = match options.format {
        ReportFormat::Json => as_json(&judged),
        ReportFormat::Human => as_text(&judged, Format::Human { color: is_coloured(&io::stdout()) }),
        ReportFormat::Github => as_text(&judged, Format::Github),
    };
    let is_good = judged.iter().all(|(_, judged)| judged.is_ok());
    print(&text, if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A file and what was found.
type Judged = (PathBuf, Result<Arc<Checked>, Report>);

fn judge(input: &Input, live: bool) -> Result<Arc<Checked>, Report> {
    let texts = input.read()?;
    let checked = Arc::new(check(&input.sources, &texts)?);
    warn(&checked);
    if live {
        live::rehearse(&checked).map_err(|faults| faults.report(&input.sources, &texts))?;
    }
    Ok(checked)
}

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
        Ok(checked) => json!({
            "file": file.display().to_string(),
            "valid": true,
            "sha256": checked.sha256().to_string(),
            "warnings": checked.warnings(),
        }),
        Err(report) => {
            let report: Value = serde_json::from_str(&report.render(Format::Json)).unwrap_or_default();
            json!({ "file": file.display().to_string(), "valid": false, "report": report })
        }
    });
    format!("{:#}\n", json!({ "files": files.collect::<Vec<_>>() }))
}
