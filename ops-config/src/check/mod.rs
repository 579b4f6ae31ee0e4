//! From a draft to a configuration that is known to be valid.

mod checked;
mod digest;

pub use checked::Checked;
pub use digest::Digest;

use crate::{
    diagnostic::{Code, KeyPath, Origin, Report, Text, Violation},
    section::OpsConfig,
    source::{Sources, Texts},
};
use std::collections::BTreeMap;

/// Checks everything that was said, without touching anything.
///
/// # Errors
/// Every fault, in the order in which they were written.
pub fn check(_sources: &Sources, texts: &Texts) -> Result<Checked, Report> {
    match toml::from_str::<OpsConfig>(texts.main()) {
        Ok(config) => Ok(Checked::new(config, BTreeMap::new(), Vec::new())),
        Err(error) => {
            let texts: Vec<Text> = texts.all().cloned().collect();
            let origin = Origin::File(texts[0].position(error.span().unwrap_or(0..0)));
            let found = Some("not a configuration".to_owned());
            let expected = String::new();
            let violation = Violation { code: Code::Syntax, key: KeyPath::root(), origin, found, expected, help: None };
            Err(Report::new(vec![violation], texts))
        }
    }
}
