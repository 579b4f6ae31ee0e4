//! What observing a request costs: this stack beside the one that a Rust service assembles today.
//!
//! One application, three times in one process: as it is, within `ops.layer()`, and within
//! tower-http's `TraceLayer`, axum-tracing-opentelemetry with tracing-opentelemetry and the JSON
//! lines of tracing-subscriber, and axum-prometheus. Each samples one trace in ten, counts requests,
//! writes one JSON line a request, and sends its spans over gRPC to a sink in a process of its own.
//! Whether a request is recorded is its caller's word here, so that both kinds are told apart.
//!
//! | measured | how |
//! |---|---|
//! | CPU | of the whole process, its threads that write and send included; median of rounds taken in turn |
//! | time | on the thread that answers the request |
//! | allocations | on that thread |
//! | instructions | of the whole process under valgrind, as the difference between two run lengths |
//!
//! What is reported is what each stack adds to the application. The program fails when more CPU is
//! added than the fifteenth, or for what is recorded the fifth, of what the others add:
//!
//! ```sh
//! cargo run --release --manifest-path tests/peers/Cargo.toml
//! ```
//!
//! Circuit breakers are compared in a program of their own, `--bin breakers`.
//!
//! It is no member of the workspace: nothing else here needs its peers. CI checks that it compiles.

mod app;
mod assembled;
mod cost;
mod instructions;
mod ours;
mod report;
mod sink;
mod subject;

use std::{
    process::{Command, ExitCode, Stdio},
    str::FromStr,
};
use subject::Subjects;

/// Says what a process that this program starts is to do.
const WORK: &str = "OPS_PEERS_WORK";

fn main() -> ExitCode {
    let Ok(work) = std::env::var(WORK) else { return begin() };
    let words: Vec<&str> = work.split(' ').collect();
    match words[..] {
        ["sink"] => sink::run(),
        ["measure"] => return report::measured(&mut Subjects::start()),
        ["run", kind, caller, requests] => {
            let parse = |text| FromStr::from_str(text).expect("one of its own words");
            let requests = requests.parse().expect("a number");
            Subjects::start().run(parse(kind), caller.parse().expect("one of its own words"), requests);
        }
        _ => panic!("no work of this program: {work}"),
    }
    ExitCode::SUCCESS
}

/// The log lines of both stacks go to the standard output, which is nowhere: the report goes to the other.
fn begin() -> ExitCode {
    let this = std::env::current_exe().expect("the path of this program");
    let status = Command::new(this).env(WORK, "measure").stdout(Stdio::null()).status().expect("it starts");
    if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
