//! `schema/codes.md`: every fault of a configuration on one page.

use crate::diagnostic::{Code, Stage};
use std::fmt::Write;

const HEAD: &str = "\
# Codes of faults

What can be wrong with a configuration. Codes are stable and never reused. A reload that finds a fault
changes nothing: the configuration in force stays, whole.

Generated from the code by `ops schema --write`.
";

/// The table of codes, in the order in which they are looked for.
pub(super) fn codes() -> String {
    let mut page = HEAD.to_owned();
    let mut range = None;
    for code in Code::ALL {
        if range.replace(code.number() / 100) != Some(code.number() / 100) {
            let _ = write!(page, "\n## {}\n", part(code.stage()));
        }
        let _ = write!(page, "\n### {code}: {}\n\n{}\n\n{}\n", code.title(), code.explanation(), code.mend());
    }
    page
}

/// What is looked at where a fault of this stage is found.
const fn part(stage: Stage) -> &'static str {
    match stage {
        Stage::Read | Stage::Parse => "Reading the file",
        Stage::Schema => "Single values",
        Stage::Rule => "Rules across keys",
        Stage::Build => "Building what is asked for",
    }
}
