//! From a draft to a configuration that is known to be valid.
//!
//! [`check`] is one walk: gather, schema, decode, secrets, rules. The schema
//! judges the *merged* value, so a variable cannot break what a file may not, and
//! it alone reports single values; serde only builds. What the schema refuses is
//! taken out before decoding, so that one bad value does not hide what is wrong
//! between the others: everything is reported at once.
//!
//! A new rule across keys is one function in `rule/` and its line in `rule::ALL`. Nothing here opens, binds or connects; only the files of
//! secrets are read.

mod checked;
mod conform;
mod decode;
mod difference;
mod digest;
mod fix;
mod intent;
mod left_out;
mod rule;
mod secret;
mod tagged;

pub use checked::Checked;
pub use difference::{differences, differences_shown, Difference};
pub use digest::Digest;

use crate::{
    diagnostic::Report,
    source::{Draft, Sources, Texts},
};

/// Checks everything that was said, without touching anything.
///
/// # Errors
/// Every fault, in the order in which they were written.
pub fn check(sources: &Sources, texts: &Texts) -> Result<Checked, Report> {
    let draft = Draft::gather(sources, texts)?;
    let mut violations = draft.violations().to_vec();
    violations.extend(conform::violations(&draft));

    let (mut config, left_out) = decode::as_far_as_it_goes(&draft, &mut violations);
    let unresolved = secret::resolve(&mut config, &draft, sources);
    let findings = rule::judge(&config, &draft);
    // What rests on a value that is at fault says nothing, and what was taken from a table is at fault there.
    let sound = |finding: &rule::Finding| {
        !finding.about.iter().any(|key| left_out.touches(key)) && !draft.is_inherited(&finding.violation.key)
    };
    violations.extend(unresolved.into_iter().chain(findings).filter(sound).map(|finding| finding.violation));

    if violations.is_empty() {
        Ok(Checked::new(config, draft.leaf_origins(), draft.warnings().to_vec()))
    } else {
        Err(Report::new(violations, draft.texts().to_vec()))
    }
}

#[cfg(test)]
mod released;
#[cfg(test)]
mod tests;
