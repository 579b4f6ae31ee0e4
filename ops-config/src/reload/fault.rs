//! Faults that lie in the reload itself and in no line of a file.

use super::{Grounds, Outcome};
use crate::diagnostic::{Code, KeyPath, Origin, Position, Violation};
use std::{path::Path, sync::Arc};

/// The outcome of a reload that ended with this one fault.
pub(super) fn rejected(violation: Violation) -> Outcome {
    Outcome::Rejected { stage: violation.code.stage(), violations: vec![violation] }
}

pub(super) fn unfinished(file: &Path) -> Violation {
    let help = "end the save, then ask again";
    violation(file, Code::Unfinished, "still being written", "a file that is not being written", help)
}

pub(super) fn stopped(file: &Path) -> Violation {
    let help = "start the process again";
    violation(file, Code::CannotBuild, "not read any more: the process is ending", "a running process", help)
}

pub(super) fn panicked(file: &Path) -> Violation {
    let help = "look for the panic in the log and report it as a defect";
    violation(file, Code::CannotBuild, "the cause of a panic", "a configuration that can be built", help)
}

pub(super) fn late(file: &Path) -> Violation {
    let help = "see that what it names answers, then reload";
    violation(file, Code::CannotBuild, "not built after 30s", "a configuration that can be built in that time", help)
}

/// What stands in the file was given up, in this generation.
pub(super) fn rolled_back(file: &Path, generation: u64, grounds: Grounds) -> Violation {
    let found = format!("what was given up in generation {generation}, because {grounds}");
    let help = "change the file; what it holds is not tried again as it is";
    violation(file, Code::RolledBack, &found, "a file that has changed since", help)
}

fn violation(file: &Path, code: Code, found: &str, expected: &str, help: &str) -> Violation {
    Violation {
        code,
        key: KeyPath::root(),
        origin: Origin::File(Position { path: Arc::new(file.to_owned()), line: 1, column: 1, span: 0..0 }),
        found: Some(found.to_owned()),
        expected: expected.to_owned(),
        help: Some(help.to_owned()),
        notes: Vec::new(),
    }
}
