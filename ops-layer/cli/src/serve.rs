//! `ops serve`.

use crate::{
    check::wants_color,
    command::{file_or_default, Serve},
    demo,
};
use ops_config::{
    diagnostic::{Format, Report},
    source::Sources,
};
use ops_layer::Ops;
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Runs the stack on the demo service until it is told to stop.
pub(crate) fn run(config: Option<PathBuf>, options: Serve) -> ExitCode {
    let file = file_or_default(config);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("error: no threads to run on: {error}")),
    };
    let code = runtime.block_on(serve(&file, options));
    // What a handler left running on a blocking thread must not hold the exit.
    runtime.shutdown_background();
    code
}

async fn serve(file: &Path, options: Serve) -> ExitCode {
    let sources = Sources::from_process(file.to_owned(), options.set);
    let ops = match Ops::start_from(sources).await {
        Ok(ops) => ops,
        Err(report) => return refuse(&report),
    };
    let app = demo::app(&ops);
    let server = match ops.bind().await {
        Ok(server) => server,
        Err(report) => return refuse(&report),
    };
    announce(file, &ops, server.address());
    match server.serve(app).await {
        Ok(report) if report.aborted == 0 => ExitCode::SUCCESS,
        Ok(report) => fail(&format!("{} requests were cut at the end of the shutdown", report.aborted)),
        Err(error) => fail(&format!("error: {error}")),
    }
}

/// Where it can be reached, on stderr: stdout is for the log.
fn announce(file: &Path, ops: &Ops, server: std::net::SocketAddr) {
    let (Some(metrics), Some(admin)) = (ops.metrics_address(), ops.admin_address()) else { return };
    let text = format!(
        "listening  server  http://{server}\nlistening  metrics http://{metrics}\nlistening  admin   http://{admin}\nedit {}, watch http://{admin}\n",
        file.display()
    );
    let _ = io::stderr().write_all(text.as_bytes());
}

fn refuse(report: &Report) -> ExitCode {
    let text = report.render(Format::Human { color: wants_color(&io::stderr()) });
    fail(&format!("{text}; nothing was started"))
}

fn fail(text: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{text}");
    ExitCode::FAILURE
}
