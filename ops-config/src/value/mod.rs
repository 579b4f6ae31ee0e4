//! Refined values: one newtype per quantity, each the only place that parses,
//! prints, serialises and describes it.
//!
//! A bound is part of the type (`Count<1, 10_000>`), so serde refuses what the
//! schema refuses. Values written as strings keep their whole grammar in one
//! regular expression of the schema: an editor underlines `"2h"` where one hour
//! is the limit, and the code cannot disagree because a test compares both.

mod address;
mod attribute;
mod count;
mod database_kind;
mod database_url;
mod endpoint;
mod field;
mod filter;
mod grpc;
mod header;
mod list;
mod method;
mod name;
mod pattern;
mod period;
mod query;
mod rate_key;
mod ratio;
mod route;
mod secret;
mod size;
mod status;
mod text;
mod window;

#[cfg(test)]
mod tests;

pub use address::{Host, Peer, Port, SocketAddress};
pub use attribute::AttributeName;
pub use count::Count;
pub use database_kind::{AddressFault, DatabaseKind};
pub use database_url::DatabaseUrl;
pub use endpoint::{HttpUrl, PlainHttpUrl};
pub use field::FieldName;
pub use filter::{Level, LogFilter};
pub use grpc::GrpcStatus;
pub use header::HeaderName;
pub use list::List;
pub use method::MethodName;
pub use name::Name;
pub use period::{days, hours, minutes, seconds, Period};
pub(crate) use query::holds_secret;
pub use rate_key::RateKey;
pub use ratio::{Factor, Positive, Ratio, Tolerance};
pub use route::RoutePattern;
pub use secret::{Secret, SecretSource, MASK};
pub use size::{gib, kib, mib, Size};
pub use status::StatusPattern;
pub use text::Malformed;
pub use window::CallWindow;
