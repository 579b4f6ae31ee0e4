//! Every command of the program, as a person or a script meets it: what it says, where, and how it ends.
//!
//! | file | what it holds |
//! |---|---|
//! | `run` | one run of the program in a folder of its own |
//! | `help` | every help text |
//! | `explain`, `show`, `diff`, `init`, `completions`, `check` | what each of them answers, right and wrong |
//! | `running` | `ops diff --running` against a real process |
//! | `live` | `ops check --live`: what opens, what does not, and that nothing is left behind |
//! | `peer` | who may be at an address: nobody, or a stranger |
//! | `ending` | exit codes, colours, readers that go away |

mod check;
mod completions;
mod diff;
mod ending;
mod explain;
mod help;
mod init;
mod live;
mod peer;
mod run;
mod running;
mod show;
