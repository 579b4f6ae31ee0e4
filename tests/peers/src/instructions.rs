//! Instructions, as valgrind counts them.

use crate::{app::Caller, subject::Kind};
use std::process::{Command, Stdio};

/// For each request: the difference between two run lengths, so that the start falls out. None
/// without valgrind.
pub(crate) fn per_request(kind: Kind, caller: Caller) -> Option<u64> {
    const REQUESTS: u64 = 2000;
    Some(in_all(kind, caller, 2 * REQUESTS)?.saturating_sub(in_all(kind, caller, REQUESTS)?) / REQUESTS)
}

fn in_all(kind: Kind, caller: Caller, requests: u64) -> Option<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe().ok()?);
    command.env(crate::WORK, format!("run {} {} {requests}", kind.name(), caller.name())).stdout(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.contains("Collected"))?;
    line.rsplit_once(':')?.1.trim().parse().ok()
}
