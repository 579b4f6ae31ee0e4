//! `ops show`.

use crate::{
    document::tables,
    input::{file_or_default, refuse, Input, Overrides},
    output::print,
};
use clap::{Args, ValueEnum};
use ops_config::{
    check::Checked,
    diagnostic::{KeyPath, Origin},
};
use serde_json::{json, Map, Value};
use std::{path::PathBuf, process::ExitCode};
use toml_edit::{Item, Table};

/// Show the configuration that holds, and who set each value
///
/// Defaults are filled in; variables, the profile and --set are merged as `ops serve` would merge them here.
/// Secrets are masked, and a masked one is refused where a configuration is read.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Options {
    /// Say behind each value where it comes from: a place in a file, a variable, --set, or the default
    #[arg(long)]
    origins: bool,

    #[command(flatten)]
    overrides: Overrides,

    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: ShowFormat,
}

const HELP: &str = "\
Examples:
  ops show --origins                           who set what
  ops show --origins | grep max_in_flight      who set this
  OPS_PROFILE=staging ops show > staging.toml  all of it in one file, without its secrets
  ops show --format json | jq .value.limits    with the origins beside, as GET /config has them

Exit code: 0 shown, 1 the configuration is wrong, 2 wrong usage.";

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ShowFormat {
    /// As a file that says all of it
    #[default]
    Toml,
    /// One JSON document: value, origins, sha256
    Json,
}

/// Shows what holds.
pub(crate) fn run(config: Option<PathBuf>, options: &Options) -> ExitCode {
    let file = file_or_default(config);
    let input = Input::new(file.clone(), &file, &options.overrides);
    let checked = match input.checked() {
        Ok(checked) => checked,
        Err(report) => return refuse(&report, "nothing is shown"),
    };
    let text = match options.format {
        ShowFormat::Toml => as_toml(&checked, options.origins),
        ShowFormat::Json => as_json(&checked, options.origins),
    };
    print(&text, ExitCode::SUCCESS)
}

/// A file that would give the same configuration, but for the masks.
fn as_toml(checked: &Checked, origins: bool) -> String {
    let mut document = tables(checked.value());
    if origins {
        sign(&KeyPath::root(), document.as_table_mut(), checked);
    }
    document.to_string().trim_start().to_owned()
}

/// Lines that are longer do not push the others' remarks to the right.
const MOST_ALIGNED: usize = 48;

/// Writes behind each value who said it, one below the other within a table.
fn sign(key: &KeyPath, table: &mut Table, checked: &Checked) {
    let length = |name: &str, item: &Item| item.as_value().map(|value| name.len() + 3 + value.to_string().trim().len());
    let lengths = table.iter().filter_map(|(name, item)| length(name, item));
    let column = lengths.filter(|length| *length <= MOST_ALIGNED).max().unwrap_or_default();
    for (name, item) in table.iter_mut() {
        let key = key.key(name.get());
        let length = length(name.get(), item).unwrap_or_default();
        match item {
            Item::Value(value) => {
                let origin = printable(&checked.origin(&key).to_string());
                let space = " ".repeat(column.saturating_sub(length) + 2);
                value.decor_mut().set_suffix(format!("{space}# {origin}"));
            }
            Item::Table(table) => sign(&key, table, checked),
            Item::ArrayOfTables(tables) => {
                tables.iter_mut().enumerate().for_each(|(at, table)| sign(&key.index(at), table, checked));
            }
            Item::None => {}
        }
    }
}

/// Value and origins, of defaults only on request.
fn as_json(checked: &Checked, defaults: bool) -> String {
    let mut origins = Map::new();
    leaves(&KeyPath::root(), checked.value(), &mut |key| {
        let origin = checked.origin(key);
        if defaults || origin != Origin::Default {
            origins.insert(key.to_string(), origin.to_string().into());
        }
    });
    let shown = json!({ "sha256": checked.sha256().to_string(), "value": checked.value(), "origins": origins });
    format!("{shown:#}\n")
}

/// Every value that holds no others by name.
fn leaves(key: &KeyPath, value: &Value, found: &mut impl FnMut(&KeyPath)) {
    match value {
        Value::Object(table) => table.iter().for_each(|(name, value)| leaves(&key.key(name), value, found)),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().enumerate().for_each(|(at, item)| leaves(&key.index(at), item, found));
        }
        Value::Null => {}
        _ => found(key),
    }
}

/// A remark that stays one: TOML ends it at a line break and takes no other control character in it.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
