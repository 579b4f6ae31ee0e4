//! `ops explain`: what there is to say of a key or a code.
//!
//! All of it comes from the schema and the table of codes, which the key reference and the editors
//! show as well; `lookup` finds what was meant, `text` sets it.

mod lookup;
mod text;

use crate::output::{fail, print};
use clap::Args;
use lookup::Found;
use std::process::ExitCode;

/// Explain a key of ops.toml or the code of a fault
///
/// Of a key: what it means, its unit, range and default, the variable that sets it, what a reload does
/// to it, an example. Of a section: its keys. Of a code: what it means and how it is mended. Without an
/// argument: everything that can be asked for.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Options {
    /// A key, the end of one, a section, a variable or a code
    #[arg(value_name = "KEY|CODE")]
    asked: Option<String>,
}

const HELP: &str = "\
Examples:
  ops explain limits.max_in_flight       a key
  ops explain pools.main.url             with a name of yours in it
  ops explain max_connections            the end of a key
  ops explain breakers                   a section
  ops explain OPS_LIMITS__MODE           a variable
  ops explain OPS103                     a code

Exit code: 0 explained, 1 there is no such key or code, 2 wrong usage.";

/// Explains what was asked for.
pub(crate) fn run(options: &Options) -> ExitCode {
    let Some(asked) = &options.asked else { return print(&text::overview(), ExitCode::SUCCESS) };
    let text = match lookup::look_up(asked) {
        Found::Code(code) => text::code(code),
        Found::Key(entry) => text::key(&entry),
        Found::Several(entries) => text::several(asked, &entries),
        Found::Nothing(hint) => return fail(format_args!("error: no key or code {asked:?}; {hint}")),
    };
    print(&text, ExitCode::SUCCESS)
}
