//! Any history of saves, of what becomes of their events, and of the time between.

use ops_config::watch::{At, Heard, Pace, Settle, Sight, Step, View};
use world::{ms, Fate, Save};

#[path = "../../ops-config/src/watch/settle/tests/world.rs"]
mod world;

/// More says nothing new, and costs time.
const MOST: usize = 40;

/// The value in force is the last good one, nothing half written ever was, and the watcher is alive.
///
/// Two bytes are the pace; then four bytes are a save: what it does, its content, the fate of its
/// events, the pause after it. Each counts by its remainder, so a history can be written in letters.
pub fn judge(data: &[u8]) {
    let Some(([settle, poll], rest)) = data.split_first_chunk() else { return };
    let pace = Pace { settle: ms(2 + u64::from(*settle) * 2), poll: ms(100 + u64::from(*poll) * 19) };
    let saves: Vec<_> = rest.chunks_exact(4).take(MOST).map(save).collect();
    world::judge(pace, &saves);
}

fn save(bytes: &[u8]) -> (Save, Fate, u64) {
    let &[what, content, fate, pause] = bytes else { unreachable!("chunks of four bytes") };
    let fate = Fate { events: fate % 3, straddled: fate / 3 % 2 == 1 };
    let pause = if pause % 4 == 3 { world::LONG } else { u64::from(pause / 4) };
    let head = if content % 4 == 3 { "bad" } else { "ok" };
    let lines = format!("line {content}\n").repeat(usize::from(content / 4 % 5));
    let text = format!("{head} {}\n{lines}end\n", content / 20);
    let parts = |count: u8| (0..count).map(|n| (content.wrapping_mul(n + 1), u16::from(what) * 37 % 9900)).collect();
    let save = match what % 10 {
        0..=2 => Save::Rename(text),
        3..=6 => Save::InPlace(text, parts(what / 10 % 4)),
        7 => Save::Remove,
        8 => Save::Truncate,
        _ => Save::Touch,
    };
    (save, fate, pause)
}
