//! The layers.
pub mod call;
pub mod clock;
pub mod refusal;
pub mod shutdown;
pub mod telemetry;
