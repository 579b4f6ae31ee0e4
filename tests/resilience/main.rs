//! What holds under fire: the real program before real databases, under load and while it is edited.
//!
//! | file | what it shows |
//! |---|---|
//! | `server` | the databases that the others are tested with can be killed, held and started again |

mod server;

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They wait more than they work.
    arguments.test_threads = arguments.test_threads.or(Some(3));
    let trials = [server::trials()];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}
