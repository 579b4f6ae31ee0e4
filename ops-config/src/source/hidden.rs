//! What of a file must not be shown.
//!
//! A value is shown only where the schema knows it and it is no secret. A value
//! under a misspelt key is hidden: it may be a secret whose key was misspelt.

use crate::{
    diagnostic::KeyPath,
    schema::{self, ValueType},
};
use std::ops::Range;

/// Whether a value that holds no others must be hidden where it stands at this key. A text in the
/// place of a table is hidden too: it may be the secret that should stand within.
pub(super) fn is_hidden(key: &KeyPath) -> bool {
    let Some(schema) = schema::at(key) else { return true };
    schema::is_secret(key) || matches!(schema::value_type(schema), Some(ValueType::Object) | None)
}

/// The bytes to be hidden in a file that parses. What follows a hidden value to the end of its line
/// goes with it if there is a comment, which may say what the secret was.
pub(super) fn ranges(content: &str, leaves: Vec<(KeyPath, Range<usize>)>) -> Vec<Range<usize>> {
    let hidden = leaves.into_iter().filter(|(key, _)| is_hidden(key));
    hidden
        .map(|(_, span)| {
            let rest = content[span.end..].split('\n').next().unwrap_or_default();
            let end = if rest.contains('#') { span.end + rest.trim_end().len() } else { span.end };
            span.start..end
        })
        .collect()
}
