//! What the fuzz targets hold true of any input, apart from libFuzzer: the corpora are judged by
//! the same functions in plain `cargo test`, on stable.
//!
//! | target | any | must |
//! |---|---|---|
//! | [`file`] | bytes as an `ops.toml` | be valid or refused for reasons at their places; show no secret |
//! | [`environment`] | variables, `--set`, file and profile | the same, whoever says what |
//! | [`value`] | text as each refined value | be refused, or print to a text that reads as the same |
//! | [`schema`] | JSON as a whole document | get one verdict from the schema and from serde |
//! | [`saves`] | history of saves and their events | leave the last good save in force, and nothing half |
//! | [`breaker`] | history of calls, their ends and reloads | move a circuit as the model of one moves |
//! | [`rate`] | history of requests under a rate, and of its edits | let through what its model does |
//! | [`trace`] | trace headers | be read by the grammar, and handed on whole or not at all |
//! | [`trail`] | history of saves, probations and rollbacks | lead back where the list of all that was leads |
//!
//! The oracles are those of the property tests: the same files, included here.

#[path = "../../ops-config/tests/oracle/hidden.rs"]
mod hidden;
#[path = "../../ops-config/tests/oracle/report.rs"]
mod report;

pub mod breaker;
pub mod environment;
pub mod file;
pub mod rate;
pub mod saves;
pub mod schema;
pub mod trace;
pub mod trail;
pub mod value;

/// Every target by its name, which is also its corpus' folder.
pub const TARGETS: [(&str, Judge); 9] = [
    ("breaker", breaker::judge),
    ("environment", environment::judge),
    ("file", file::judge),
    ("rate", rate::judge),
    ("saves", saves::judge),
    ("schema", schema::judge),
    ("trace", trace::judge),
    ("trail", trail::judge),
    ("value", value::judge),
];

/// Panics when what a target holds true does not hold of an input.
pub type Judge = fn(&[u8]);

/// A secret that is planted; an input that holds it by itself proves nothing.
const SECRET: &str = "hunter2Xyzzy";
