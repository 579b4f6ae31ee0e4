//! The two sides, each read in its own way, and what differs.

use crate::{
    input::{refuse, Input, Overrides},
    output::{fail, misuse},
    running::{ask, InForce, Place, Silent},
};
use ops_config::{
    check::{differences, differences_shown, Checked, Difference},
    value::MASK,
};
use serde_json::Value;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What was compared, and what differs.
pub(super) struct Compared {
    /// How the side before is called.
    pub(super) old: String,
    /// How the side after is called.
    pub(super) new: String,
    /// The process, where the side before is one.
    pub(super) process: Option<InForce>,
    /// Whether there are secrets of which only the mask was seen.
    pub(super) has_unseen: bool,
    pub(super) differences: Vec<Difference>,
}

/// Two files.
pub(super) fn between_files(old: &Path, new: &Path, overrides: &Overrides) -> Result<Compared, ExitCode> {
    let pipe = Path::new("-");
    if old == pipe && new == pipe {
        return Err(misuse("standard input can be only one of the two"));
    }
    // What comes through the pipe stands for another time of the file beside it.
    let input = |file: &Path, other: &Path| -> Result<(String, Checked), ExitCode> {
        let input = Input::new(file.to_owned(), other, overrides);
        let checked = input.checked().map_err(|report| refuse(&report, "nothing was compared"))?;
        Ok((input.name.display().to_string(), checked))
    };
    // Both are read before one is refused: whoever mends the first wants to know of the second.
    let (before, after) = (input(old, new), input(new, old));
    let ((old, before), (new, after)) = (before?, after?);
    let differences = differences(&before, &after);
    Ok(Compared { old, new, process: None, has_unseen: false, differences })
}

/// A process, and what a save of the file would make of it.
pub(super) fn against_process(
    place: &Place,
    token_file: Option<&Path>,
    file: &Path,
    overrides: &Overrides,
) -> Result<Compared, ExitCode> {
    let input = Input::new(file.to_owned(), Path::new("ops.toml"), overrides);
    let checked = input.checked().map_err(|report| refuse(&report, "a save would be rejected and change nothing"))?;
    let process = fetch(place, token_file, &checked).map_err(|error| fail(format_args!("error: {error}")))?;
    let differences = differences_shown(&process.value, checked.value());
    Ok(Compared {
        old: place.to_string(),
        new: input.name.display().to_string(),
        has_unseen: holds_mask(&process.value) && holds_mask(checked.value()),
        process: Some(process),
        differences,
    })
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
enum Unfetched {
    #[error(transparent)]
    Silent(#[from] Silent),
    #[error("{} cannot be read: {error}", file.display())]
    Token { file: PathBuf, error: io::Error },
    #[error("no thread to run on: {0}")]
    Runtime(io::Error),
}

fn fetch(place: &Place, token_file: Option<&Path>, checked: &Checked) -> Result<InForce, Unfetched> {
    let read = |file: &Path| {
        let text = fs::read_to_string(file).map_err(|error| Unfetched::Token { file: file.to_owned(), error })?;
        Ok::<_, Unfetched>(text.trim_end_matches(['\r', '\n']).to_owned())
    };
    let token = token_file.map(read).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Unfetched::Runtime)?;
    runtime.block_on(async {
        match ask(place, token.as_deref()).await {
            Err(Silent::TokenWanted { is_ours: true, .. })
                if is_own(place, checked) && own_token(checked).is_some() =>
            {
                Ok(ask(place, own_token(checked)).await?)
            }
            answer => Ok(answer?),
        }
    })
}

/// Whether the configuration itself says that its admin listener is there. Whatever else asks for a token, on
/// another port or another machine, could be anyone.
fn is_own(place: &Place, checked: &Checked) -> bool {
    place.is_this_machine() && place.port() == Some(checked.config().admin.listen.get().port())
}

fn own_token(checked: &Checked) -> Option<&str> {
    checked.config().admin.token.as_ref()?.expose()
}

fn holds_mask(value: &Value) -> bool {
    match value {
        // Within a text, too: of an address only the password is masked.
        Value::String(text) => text.contains(MASK),
        Value::Array(items) => items.iter().any(holds_mask),
        Value::Object(table) => table.values().any(holds_mask),
        _ => false,
    }
}
