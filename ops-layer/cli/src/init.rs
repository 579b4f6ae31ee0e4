//! `ops init`.

use crate::{
    input::file_or_default,
    output::{fail, note, print},
};
use clap::Args;
use ops_config::schema;
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Write a commented starting file
///
/// It is valid as it is; the sections people need first are in it, most of them commented out. Beside it
/// goes the JSON Schema, which its first line names, so that editors complete and check it at once. A file
/// that is there already is left alone.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Options {
    /// The file to write, `-` for standard output [default: as --config]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

const HELP: &str = "\
Examples:
  ops init                      writes config/ops.toml and config/ops.schema.json
  ops init - | less             only shows it
  ops init /etc/shop/ops.toml

Exit code: 0 written, 1 there is such a file already or it cannot be written, 2 wrong usage.";

/// What is written behind the first line.
const STARTER: &str = include_str!("starter.toml");
/// The schema beside the file.
const SCHEMA: &str = "ops.schema.json";

/// Writes the file, unless there is one.
pub(crate) fn run(config: Option<PathBuf>, options: &Options) -> ExitCode {
    let file = options.file.clone().unwrap_or_else(|| file_or_default(config));
    if file == Path::new("-") {
        return print(&text(), ExitCode::SUCCESS);
    }
    match write(&file) {
        Ok(written) => {
            let wrote: Vec<String> = written.iter().map(|path| format!("wrote {}\n", path.display())).collect();
            note(next(&file));
            print(&wrote.concat(), ExitCode::SUCCESS)
        }
        Err(error) => fail(format_args!("error: {error}")),
    }
}

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
enum Unwritten {
    #[error("{} is there already and was left as it is; name another file, or move this one away", .0.display())]
    There(PathBuf),
    #[error("{} cannot be written: {error}", path.display())]
    Failed { path: PathBuf, error: io::Error },
}

/// The file, and beside it the schema unless there is one.
fn write(file: &Path) -> Result<Vec<PathBuf>, Unwritten> {
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Unwritten::Failed { path: folder.to_owned(), error })?;
    new_file(file, &text())?;
    let mut written = vec![file.to_owned()];
    let schema = file.with_file_name(SCHEMA);
    match new_file(&schema, &format!("{:#}\n", schema::document())) {
        Ok(()) => written.push(schema),
        Err(Unwritten::There(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(written)
}

/// Never over a file that is there, not even over one that comes at the same moment.
fn new_file(path: &Path, text: &str) -> Result<(), Unwritten> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Unwritten::There(path.to_owned()),
        _ => Unwritten::Failed { path: path.to_owned(), error },
    })
}

fn text() -> String {
    format!("#:schema ./{SCHEMA}\n\n{STARTER}")
}

fn next(file: &Path) -> String {
    let is_default = ["config/ops.toml", "ops.toml"].iter().any(|default| Path::new(default) == file);
    let named = if is_default { String::new() } else { format!(" --config {}", file.display()) };
    format!("next: ops check{named} && ops serve{named}")
}

#[cfg(test)]
mod tests {
    use super::text;
    use ops_config::{
        check::{check, Checked},
        diagnostic::Report,
        source::{Sources, Texts},
    };

    fn checked(text: &str) -> Result<Checked, Report> {
        // A token for the line that names one.
        let variables = vec![("ADMIN_TOKEN".to_owned(), "x".to_owned())];
        let sources = Sources { variables, ..Sources::from_file("ops.toml") };
        check(&sources, &Texts::from_bytes("ops.toml", text.as_bytes().to_vec())?)
    }

    /// A line that would be TOML without its mark; prose has no `=` behind its first word, and no bracket before it.
    fn setting(line: &str) -> Option<&str> {
        let bare = line.strip_prefix("# ")?;
        let is_assignment = bare.split_whitespace().nth(1) == Some("=");
        (is_assignment || bare.starts_with('[')).then_some(bare)
    }

    fn uncommented(text: &str) -> String {
        text.lines().flat_map(|line| [setting(line).unwrap_or(line), "\n"]).collect()
    }

    #[test]
    fn the_starting_file_is_valid_and_so_is_each_line_of_it_that_is_commented_out() {
        let text = text();
        checked(&text).unwrap_or_else(|report| panic!("{report}"));
        assert!(text.lines().filter_map(setting).count() > 10, "it has something to uncomment");
        let all = uncommented(&text);
        checked(&all).unwrap_or_else(|report| panic!("{report}\n{all}"));
        // Whole tables one at a time: none needs another that is commented out.
        let mut tried = 0;
        for block in text.split("\n\n").filter(|block| block.lines().any(|line| setting(line).is_some())) {
            let bare = uncommented(block);
            checked(&text.replace(block, &bare)).unwrap_or_else(|report| panic!("{report}\n{bare}"));
            tried += 1;
        }
        assert!(tried > 5, "{tried}");
    }

    #[test]
    fn the_starting_file_changes_little_from_the_defaults() {
        let given = checked(&text()).unwrap_or_else(|report| panic!("{report}"));
        let keys: Vec<String> = given.origins().keys().map(ToString::to_string).collect();
        assert_eq!(
            keys,
            ["limits.request_timeout", "observability.environment", "observability.sampling_rate", "version"]
        );
    }
}
