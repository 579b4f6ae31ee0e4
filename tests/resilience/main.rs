//! What holds under fire: the real program before real databases, under load and while it is edited.
//!
//! | file | what it shows |
//! |---|---|
//! | `breaker` | a breaker keeps its state through a hundred edits |
//! | `outage` | Property 10 without chaos: a database that vanishes loses nothing that was confirmed, and nobody's patience |
//! | `overload` | the adaptive limit keeps those who are let in from queueing |
//! | `prober` | an orchestrator that asks the probes all the while |
//! | `writer` | clients that write, and write down what was confirmed to them |
//! | `pool` | the server itself counts no more connections than allowed, whatever is edited under load |
//! | `pool_far` | a database at the end of a long line serves as one beside us does |
//! | `pool_outage` | a database that is killed, held or started again costs no caller more than its patience |
//! | `rate` | each client has its own bucket, and an edit under load gives nothing back |
//! | `resize` | what a resize of a pool adds to the time of a request, measured |
//! | `shutdown` | SIGTERM under load that does not stop loses no request |
//! | `server` | the databases that the others are tested with can be killed, held and started again |
#![expect(clippy::print_stdout, reason = "a suite says what it has measured")]

mod breaker;
mod outage;
mod overload;
mod pool;
mod pool_far;
mod pool_load;
mod pool_outage;
mod prober;
mod rate;
mod resize;
mod server;
mod shutdown;
mod writer;

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They wait more than they work.
    arguments.test_threads = arguments.test_threads.or(Some(3));
    let trials = [
        server::trials(),
        breaker::trials(),
        outage::trials(),
        overload::trials(),
        rate::trials(),
        resize::trials(),
        shutdown::trials(),
        pool::trials(),
        pool_far::trials(),
        pool_outage::trials(),
    ];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}
