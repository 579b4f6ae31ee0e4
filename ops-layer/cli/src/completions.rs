//! `ops completions`.

use crate::output::print;
use clap::{Args, Command, ValueEnum};
use clap_complete::{generate, Shell};
use std::process::ExitCode;

/// Print the completions of a shell
///
/// The script goes where the shell looks for them; it follows the commands of this version.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Options {
    /// The shell
    #[arg(value_enum)]
    shell: Known,
}

const HELP: &str = "\
Examples:
  bash   ops completions bash > ~/.local/share/bash-completion/completions/ops
  zsh    ops completions zsh > ~/.zfunc/_ops      with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc
  fish   ops completions fish > ~/.config/fish/completions/ops.fish

Exit code: 0 printed, 1 cannot be written, 2 wrong usage.";

/// The shells whose scripts are tested.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Known {
    Bash,
    Zsh,
    Fish,
}

/// Prints the script that completes `command`.
pub(crate) fn run(options: &Options, mut command: Command) -> ExitCode {
    let shell = match options.shell {
        Known::Bash => Shell::Bash,
        Known::Zsh => Shell::Zsh,
        Known::Fish => Shell::Fish,
    };
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    print(&String::from_utf8_lossy(&script), ExitCode::SUCCESS)
}
