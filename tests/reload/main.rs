//! Every way in which a file is saved, with the real program on a real file.
//!
//! Each edit must be in force exactly once: one change of meaning, one generation, nothing
//! rejected on the way, and never a half of it, even where the half is a valid file.
//!
//! | file | what saves |
//! |---|---|
//! | `place` | a writer in place: at once, in pieces, one that never closes, one that stops half way |
//! | `tool` | cp, mv, tee, the shell, sed, rsync, dd, git |
//! | `editor` | vim, emacs, nano, each with and without backups |
//! | `link` | ConfigMaps, symlinks, folders that are replaced, files that come back |
//! | `mount` | single files and folders mounted into a container, an overlay that gives no events |
//! | `refusal` | the system: rights that are lost, limits that are reached |
//! | `storm` | a thousand saves in a second |
//! | `half` | a writer at random, watched all the time |
//! | `nothing` | the same content again, attributes |
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod editor;
mod half;
mod link;
mod mount;
mod nothing;
mod place;
mod refusal;
mod rig;
mod storm;
mod tool;

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Most of their time is spent waiting for what must not happen.
    arguments.test_threads = arguments.test_threads.or(Some(6));
    let trials = [
        place::trials(),
        tool::trials(),
        editor::trials(),
        link::trials(),
        mount::trials(),
        refusal::trials(),
        storm::trials(),
        half::trials(),
        nothing::trials(),
    ];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}
