//! Any history of requests under a rate, of its edits, and of the time between.

use ops_config::section::Mode;
use oracle::{Event, Key, Settings};

#[path = "../../ops-layer/tests/oracle/rate.rs"]
mod oracle;

/// More says nothing new, and costs time.
const MOST: usize = 400;

/// Each request is admitted, refused and told to wait as by what its sender has spent and not got back.
///
/// Four bytes are settings; then one byte is a request, two are a pause, and five are settings. Each
/// counts by its remainder, so a history can be written in letters.
pub fn judge(data: &[u8]) {
    let Some((first, mut rest)) = data.split_first_chunk() else { return };
    let mut events = Vec::new();
    while let (Some((what, after)), true) = (rest.split_first(), events.len() < MOST) {
        rest = after;
        events.push(match what % 8 {
            0..=4 => Event::Come(what / 8 % 8),
            5 | 6 => {
                let Some((pause, after)) = rest.split_first() else { break };
                rest = after;
                // A year in all at most: the scale of a rate lasts for thirty.
                Event::Pass(u64::from(*pause) << (what / 8 % 20))
            }
            _ => {
                let Some((other, after)) = rest.split_first_chunk() else { break };
                rest = after;
                Event::Edit(settings(*other))
            }
        });
    }
    oracle::check(settings(*first), &events);
}

fn settings([rate, sizes, key, mode]: [u8; 4]) -> Settings {
    Settings {
        rate: 1 + u64::from(rate) * if mode > 127 { 3900 } else { 1 },
        doubled: sizes % 5,
        burst: 1 + u64::from(sizes / 5 % 7),
        max_keys: 1 + u64::from(sizes / 35),
        key: [Key::Client, Key::All, Key::Header, Key::Route][usize::from(key % 4)],
        mode: match mode % 8 {
            1 => Mode::Observe,
            2 => Mode::Off,
            _ => Mode::Enforce,
        },
    }
}
