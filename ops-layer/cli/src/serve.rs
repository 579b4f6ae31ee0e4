//! `ops serve`.

use crate::{
    demo,
    input::{file_or_default, refuse, Overrides},
    output::{fail, note},
};
use clap::Args;
use ops_config::source::Sources;
use ops_layer::Ops;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Run the stack on the demo service (what `ops` alone does)
///
/// Prints its addresses to stderr and its log to stdout. Every save of the file takes effect at once;
/// one that does not check changes nothing and is logged.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) overrides: Overrides,
}

const HELP: &str = "\
Signals:
  SIGHUP             look at the file now
  SIGTERM, SIGINT    fail readiness, finish requests under way, end; a second one ends at once

Examples:
  ops serve --config config/ops.toml
  OPS_PROFILE=staging ops serve --set observability.logging.format=pretty

Exit code: 0 ended after every request was answered, 1 not started or requests were cut, 2 wrong usage.";

const NOT_STARTED: &str = "nothing was started";

/// Runs the stack on the demo service until it is told to stop.
pub(crate) fn run(config: Option<PathBuf>, options: Options) -> ExitCode {
    let file = file_or_default(config);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(format_args!("error: no threads to run on: {error}")),
    };
    let code = runtime.block_on(serve(&file, options));
    // What a handler left running on a blocking thread must not hold the exit.
    runtime.shutdown_background();
    code
}

async fn serve(file: &Path, options: Options) -> ExitCode {
    let sources = Sources::from_process(file.to_owned(), options.overrides.set);
    let ops = match Ops::start_from(sources).await {
        Ok(ops) => ops,
        Err(report) => return refuse(&report, NOT_STARTED),
    };
    let app = demo::app(&ops);
    let server = match ops.bind().await {
        Ok(server) => server,
        Err(report) => return refuse(&report, NOT_STARTED),
    };
    announce(file, &ops, server.address());
    match server.serve(app).await {
        Ok(report) if report.aborted == 0 => ExitCode::SUCCESS,
        Ok(report) => fail(format_args!("{} requests were cut at the end of the shutdown", report.aborted)),
        Err(error) => fail(format_args!("error: {error}")),
    }
}

/// Where it can be reached, on stderr: stdout is for the log.
fn announce(file: &Path, ops: &Ops, server: std::net::SocketAddr) {
    let (Some(metrics), Some(admin)) = (ops.metrics_address(), ops.admin_address()) else { return };
    note(format_args!(
        "listening  server  http://{server}\nlistening  metrics http://{metrics}\nlistening  admin   http://{admin}\nedit {}, watch http://{admin}",
        file.display()
    ));
}
