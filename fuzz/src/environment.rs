//! Variables, the command line, the file and the profile beside it, each saying anything.
//!
//! ```text
//! OPS_LIMITS__MODE=observe      a variable
//! --set limits.mode=off         the command line
//! ---
//! version = 1                   the file
//! ---
//! [limits]                      the profile's file; without this part there is none
//! ```

use super::{
    hidden::{outputs, shown},
    SECRET,
};
use ops_config::source::{Sources, Texts};

/// Whoever says it: it is valid or refused for reasons at their places, and no secret is shown.
pub fn judge(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.contains(SECRET) {
        return;
    }
    let mut parts = text.splitn(3, "---\n");
    let (said, file, profile) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let mut sources = Sources { profile: profile.map(|_| "staging".to_owned()), ..Sources::from_file("ops.toml") };
    for line in said.lines() {
        let (pairs, pair) = match line.strip_prefix("--set ") {
            Some(pair) => (&mut sources.set, pair),
            None => (&mut sources.variables, line),
        };
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let texts = |file: &str| {
        let main = Texts::from_bytes("ops.toml", file.as_bytes().to_vec())?;
        match profile {
            Some(profile) => main.with_profile("ops.staging.toml", profile.as_bytes().to_vec()),
            None => Ok(main),
        }
    };
    outputs(&sources, texts(file));

    let plant = |name: &str, value: &str| (name.to_owned(), value.replace('§', SECRET));
    sources.variables.push(plant("OPS_ADMIN__TOKEN", "§"));
    sources.variables.push(plant("PLANTED", "sqlite://ops:§@db"));
    sources.set.push(plant("observability.otlp_headers.planted", "Bearer §"));
    let file = format!("pools.planted.url = {{ env = \"PLANTED\" }}\n{file}");
    assert_eq!(shown(&outputs(&sources, texts(&file)), SECRET), None);
}
