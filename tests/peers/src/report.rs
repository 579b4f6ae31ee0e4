//! The comparison, written to the standard error.

use crate::{
    app::Caller,
    instructions,
    subject::{Kind, Subjects},
};
use std::{
    io::{self, Write},
    process::ExitCode,
};

const ROUNDS: usize = 11;

/// Measures all, and says it. Fails when too much is added.
pub(crate) fn measured(subjects: &mut Subjects) -> ExitCode {
    let mut holds = true;
    say("added to a request                 ours   assembled       ratio");
    for caller in Caller::BOTH {
        let wanted = match caller {
            Caller::Unrecorded => 15,
            Caller::Recorded => 5,
        };
        let [cpu, time] = rounds(subjects, caller);
        holds &= cpu.said(caller, "CPU, ns", Some(wanted));
        time.said(caller, "time, ns", None);
        allocations(subjects, caller).said(caller, "allocations", None);
        match Kind::ALL.map(|kind| instructions::per_request(kind, caller)) {
            [Some(bare), Some(ours), Some(assembled)] => {
                Added::to(bare, ours, assembled).said(caller, "instructions", None);
            }
            _ => say("instructions were not counted: valgrind is not installed"),
        }
    }
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// CPU and time, each the median of what was added in a round.
fn rounds(subjects: &mut Subjects, caller: Caller) -> [Added; 2] {
    let requests = if caller == Caller::Recorded { 2000 } else { 20_000 };
    let mut round = || Kind::ALL.map(|kind| subjects.measure(kind, caller, requests));
    // The first one finds everything cold.
    round();
    let rounds: Vec<_> = (0..ROUNDS).map(|_| round()).collect();
    let added = |[bare, ours, assembled]: [u64; 3]| Added::to(bare, ours, assembled);
    let of = |part: fn(&crate::cost::Cost) -> u64| {
        let all: Vec<_> = rounds.iter().map(|round| added(round.each_ref().map(part))).collect();
        let median = |part: fn(&Added) -> u64| {
            let mut values: Vec<_> = all.iter().map(part).collect();
            values.sort_unstable();
            values[values.len() / 2]
        };
        Added { ours: median(|added| added.ours), assembled: median(|added| added.assembled) }
    };
    [of(|cost| cost.cpu), of(|cost| cost.time)]
}

fn allocations(subjects: &mut Subjects, caller: Caller) -> Added {
    const REQUESTS: u64 = 1000;
    let [bare, ours, assembled] = Kind::ALL.map(|kind| {
        subjects.run(kind, caller, REQUESTS);
        let counted = allocation_counter::measure(|| subjects.run(kind, caller, REQUESTS));
        counted.count_total / REQUESTS
    });
    Added::to(bare, ours, assembled)
}

/// What each stack adds to the bare application.
#[derive(Clone, Copy, Debug)]
struct Added {
    ours: u64,
    assembled: u64,
}

impl Added {
    fn to(bare: u64, ours: u64, assembled: u64) -> Self {
        Self { ours: ours.saturating_sub(bare), assembled: assembled.saturating_sub(bare) }
    }

    /// Whether ours is at most that part of the other.
    fn said(self, caller: Caller, what: &str, wanted: Option<u64>) -> bool {
        let holds = wanted.is_none_or(|wanted| self.ours * wanted <= self.assembled);
        let tenths = self.assembled * 10 / self.ours.max(1);
        let verdict = match wanted {
            Some(wanted) if holds => format!("  (at most 1/{wanted}: holds)"),
            Some(wanted) => format!("  (at most 1/{wanted}: DOES NOT HOLD)"),
            None => String::new(),
        };
        let name = format!("{}: {what}", caller.name());
        say(&format!(
            "{name:<28} {:>10}  {:>10}   1/{}.{}{verdict}",
            self.ours,
            self.assembled,
            tenths / 10,
            tenths % 10
        ));
        holds
    }
}

fn say(line: &str) {
    writeln!(io::stderr(), "{line}").expect("somebody reads the report");
}
