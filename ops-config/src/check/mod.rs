//! From a draft to a configuration that is known to be valid.

mod checked;
mod digest;

pub use checked::Checked;
pub use digest::Digest;
