//! One `ops.toml`, checked, versioned and live.
pub mod check;
pub mod diagnostic;
pub mod live;
pub mod reload;
pub mod schema;
pub mod section;
pub mod source;
pub mod value;
pub mod watch;
