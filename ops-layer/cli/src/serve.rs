//! `ops serve`.

use crate::{
    demo,
    input::{file_or_default, refuse, Overrides},
    output::{fail, note},
};
use clap::Args;
use ops_config::source::Sources;
use ops_layer::{
    shutdown::{Inherited, ShutdownReport, Signals},
    Ops,
};
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

Exit code: 0 ended after every request was answered, or before the start was over; 1 not started,
requests were cut or a second signal came, 2 wrong usage.";

const NOT_STARTED: &str = "nothing was started";

/// Runs the stack on the demo service until it is told to stop.
pub(crate) fn run(config: Option<PathBuf>, options: Options) -> ExitCode {
    let file = file_or_default(config);
    // Before there are threads: it takes the variables that speak of the sockets out of the environment.
    let sockets = match Inherited::take() {
        Ok(sockets) => sockets,
        Err(error) => return fail(format_args!("error: socket activation: {error}")),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(format_args!("error: no threads to run on: {error}")),
    };
    let code = runtime.block_on(serve(&file, options, sockets));
    // What a handler left running on a blocking thread must not hold the exit.
    runtime.shutdown_background();
    code
}

async fn serve(file: &Path, options: Options, sockets: Inherited) -> ExitCode {
    // First of all: as the first process of a container it would not be ended by a signal it does not listen for.
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return fail(format_args!("error: cannot listen for signals: {error}")),
    };
    let sources = Sources::from_process(file.to_owned(), options.overrides.set);
    let started = async {
        let ops = Ops::start_activated(sources, sockets).await?;
        let server = ops.bind().await?;
        Ok((ops, server))
    };
    let (ops, server) = tokio::select! {
        biased;
        signal = signals.next() => {
            // Nothing was promised to anyone yet, so nothing is lost.
            note(format_args!("{signal} before the start was over, {NOT_STARTED}"));
            return ExitCode::SUCCESS;
        }
        started = started => match started {
            Ok(started) => started,
            Err(report) => return refuse(&report, NOT_STARTED),
        },
    };
    let app = demo::app(&ops);
    announce(file, &ops, server.address());
    match server.serve_until(signals, app).await {
        Ok(report) => ended(&report),
        Err(error) => fail(format_args!("error: {error}")),
    }
}

/// 0 where every request was answered, and everything was closed in its own time.
fn ended(report: &ShutdownReport) -> ExitCode {
    match report {
        ShutdownReport { aborted: 0, forced: false, .. } => ExitCode::SUCCESS,
        ShutdownReport { aborted: 0, .. } => fail("a second signal ended the shutdown early"),
        _ => fail(format_args!("{} requests were cut at the end of the shutdown", report.aborted)),
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
