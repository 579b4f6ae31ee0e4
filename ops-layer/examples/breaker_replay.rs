//! Replays events against a circuit breaker: one JSON object a line on standard input, one answer a
//! line on standard output. What answers is the breaker's own tower layer, around a service that ends
//! each call as it is told to; only time is virtual.
//!
//! `cargo run -q -p ops-layer --example breaker_replay < events.jsonl`
//!
//! | line | answer |
//! |---|---|
//! | `{"op":"new","config":{"failure_threshold":3,"reset_timeout_ms":1000,"half_open_max_calls":1}}` | `{"ok":true}`: a closed breaker |
//! | `{"op":"at","ms":1500}` | `{"ok":true}`: it is 1500 ms after the beginning |
//! | `{"op":"begin","call":"a"}` | `{"admitted":true}` or `{"admitted":false}` |
//! | `{"op":"end","call":"a","outcome":"failure"}` | `{"ok":true}`; `success`, `failure`, `ignored` (an end that is no verdict), `cancelled` (dropped) |
//! | `{"op":"config","config":{"failure_threshold":5}}` | `{"ok":true}`: swapped as a reload swaps it |
//! | `{"op":"force","state":"forced_open","for_ms":500}` | `{"ok":true}`: held as an operator holds it; `forced_open`, `closed`, `auto` |
//! | `{"op":"state"}` | `{"state":"closed"}`, `open` or `half_open` |
//! | `{"op":"transitions"}` | `{"list":["closed>open",…]}` since `new`, in order |
//! | another op | `{"unsupported":true}` |
//! | what is none of these, or cannot be done | `{"error":"…"}`, and it goes on |
//!
//! The configuration is that of `[breakers.NAME]` with lengths of time in keys that end in `_ms`:
//! `{"slow_calls":{"slower_than_ms":100,"threshold":0.5,"window_ms":10000,"min_calls":10}}`. A key that
//! is left out has its default in `new`, and keeps what it had in `config`; `null` gives it its default.
//! A second `new` begins another breaker, and time with it.

mod replay;

use replay::Replay;
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut replay = Replay::begin()?;
    let mut answers = io::stdout().lock();
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        if !line.trim_ascii().is_empty() {
            writeln!(answers, "{}", replay.answer(&line))?;
        }
    }
    Ok(())
}
