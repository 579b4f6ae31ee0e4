//! A process and those it has started: a server of PostgreSQL is many.

use rustix::process::{kill_process, Pid, Signal};
use std::fs;

/// The processes of a server.
#[derive(Debug)]
pub(super) struct Family(Vec<Pid>);

impl Family {
    /// Holds a process so that it starts no more, and finds those it has started: none is missed.
    ///
    /// A signal to all of them must go by this: to signal the first alone would leave connections
    /// served, and a list made while it runs may be short of one.
    pub(super) fn hold(first: Pid) -> Self {
        // One that is gone has no others either.
        let _ = kill_process(first, Signal::STOP);
        let mut all = vec![first];
        let parents: Vec<_> = processes().collect();
        let mut at = 0;
        while let Some(parent) = all.get(at).copied() {
            all.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
            at += 1;
        }
        Self(all)
    }

    /// To all, the first one last: it must not wake to find the others still as they were.
    pub(super) fn signal(&self, signal: Signal) {
        for pid in self.0.iter().rev() {
            // One that has ended needs none.
            let _ = kill_process(*pid, signal);
        }
    }

    /// Whether none runs any more. One that nobody has waited for holds nothing.
    pub(super) fn has_ended(&self) -> bool {
        self.0.iter().all(|pid| matches!(state(*pid), None | Some(('Z' | 'X', _))))
    }
}

/// Every process of the machine, and which one started it.
fn processes() -> impl Iterator<Item = (Pid, Pid)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?));
    numbers.filter_map(|pid| Some((pid, state(pid)?.1?)))
}

/// What `/proc/PID/stat` says of it: its state and its parent. The name before may hold anything.
fn state(pid: Pid) -> Option<(char, Option<Pid>)> {
    let text = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let mut words = text.rsplit_once(") ")?.1.split_whitespace();
    let state = words.next()?.chars().next()?;
    Some((state, words.next()?.parse().ok().and_then(Pid::from_raw)))
}
