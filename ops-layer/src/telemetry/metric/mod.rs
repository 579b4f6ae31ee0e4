//! Metrics: what is counted for each request, and the page that shows it.
//!
//! On the request path there is no lock, no allocation and no look-up by label:
//! series are found by number. Everything else a process wants to show, it adds to
//! [`Families`] at the moment of a scrape, from plain numbers. The number of series
//! is bounded whatever clients send: a path is never a label.

mod duration;
mod families;
mod future;
mod http;
mod in_flight;
mod layer;
mod method;
pub(super) mod process;
mod registry;
mod route;
mod service;
mod text;

pub use families::{Families, Family, MetricKind, MetricPoint, MetricValue};
pub use future::MetricsFuture;
pub use http::Active;
pub use in_flight::{InFlightFuture, InFlightService};
pub use layer::{InFlightLayer, MetricsLayer};
pub use registry::Metrics;
pub use route::{Route, OTHER_ROUTE};
pub use service::{Measured, MetricsService};

pub(super) use duration::Durations;
pub(super) use http::HttpCounts;
pub(super) use method::Method;
