//! `ops`: the layer as a program, around the demo service, and the commands that
//! help with the file.
//!
//! Each command is a module with its options, its help and its `run`; `command` lists them. All of them
//! write through `output` and read a configuration through `input`.

mod check;
mod command;
mod completions;
mod demo;
mod diff;
mod document;
mod explain;
mod init;
mod input;
mod live;
mod output;
mod running;
mod schema;
mod serve;
mod show;

use clap::{CommandFactory, Parser};
use command::{Command, Ops};
use std::process::ExitCode;

fn main() -> ExitCode {
    let ops = Ops::parse();
    let config = ops.config.clone();
    match ops.asked().unwrap_or_else(|wrong| wrong.exit()) {
        Command::Serve(options) => serve::run(config, options),
        Command::Check(options) => check::run(config, &options),
        Command::Explain(options) => explain::run(&options),
        Command::Show(options) => show::run(config, &options),
        Command::Diff(options) => diff::run(config, &options),
        Command::Init(options) => init::run(config, &options),
        Command::Schema(options) => schema::run(&options),
        Command::Completions(options) => completions::run(&options, Ops::command()),
    }
}
