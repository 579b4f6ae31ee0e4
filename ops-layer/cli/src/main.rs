//! `ops`: the layer as a program, around the demo service, and the commands that
//! help with the file.

mod check;
mod command;
mod demo;
mod schema;
mod serve;

use clap::Parser;
use command::{Command, Ops};
use std::process::ExitCode;

fn main() -> ExitCode {
    let ops = Ops::parse();
    match ops.command.unwrap_or_default() {
        Command::Serve(options) => serve::run(ops.config, options),
        Command::Check(options) => check::run(ops.config, options),
        Command::Schema(options) => schema::run(&options),
    }
}
