//! Any history of saves, rotations, probations and rollbacks.

use ops_config::reload::{Document, Grounds, Step, Symptom, Trail};
use oracle::Act;

#[path = "../../ops-config/src/reload/trail/oracle.rs"]
mod oracle;

/// More says nothing new, and costs time.
const MOST: usize = 400;

/// The trail leads where the list of all that ever was leads. A byte is an act, by its remainder.
pub fn judge(data: &[u8]) {
    let acts: Vec<_> = data.iter().take(MOST).map(|byte| act(*byte)).collect();
    oracle::check(&acts);
}

const fn act(byte: u8) -> Act {
    let rest = byte / 8;
    match byte % 8 {
        0..=2 => Act::Save { document: rest % 4, secret: rest / 4 % 2, is_proven: rest / 8 % 2 == 1 },
        3 => Act::Rotate { secret: rest % 3 },
        4 => Act::Comment,
        5 => Act::Pass,
        6 => Act::Break,
        _ => Act::Undo,
    }
}
