//! Metrics: what is counted for each request, and the page that shows it.
//!
//! On the request path there is no lock, no allocation and no look-up by label: series are
//! found by number, and each thread counts in cells of its own, which a scrape adds up.
//! Everything else a process wants to show, it adds to [`Families`] at the moment of a scrape,
//! from plain numbers. The number of series is bounded whatever clients send: a path is never
//! a label.
//!
//! | file | holds |
//! |---|---|
//! | `layer`, `service`, `future`, `recording` | a request, from its beginning to the end of its response |
//! | `shards`, `local` | what each thread writes alone |
//! | `http` | what is counted for the life of the process |
//! | `duration`, `table`, `bounds` | the histogram of one set of buckets |
//! | `answer`, `method`, `route` | the labels of a request |
//! | `exemplar` | which request a bucket's count came from |
//! | `families`, `distribution` | all metrics at one moment |
//! | `registry`, `registered` | those of the program |
//! | `process` | those of the process |
//! | `exposition`, `text` | the page, in two forms |

mod answer;
mod bounds;
mod distribution;
mod duration;
mod exemplar;
mod exposition;
mod families;
mod future;
mod http;
mod layer;
mod local;
mod method;
pub(super) mod process;
mod recording;
mod registered;
mod registry;
mod route;
mod service;
mod shards;
mod sync;
mod table;
#[cfg(test)]
mod tests;
mod text;

pub use distribution::{Distribution, Exemplar, MetricBucket, Quantiles};
pub use exposition::Exposition;
pub use families::{Families, Family, MetricKind, MetricPoint, MetricValue, Number};
pub use future::MetricsFuture;
pub use layer::MetricsLayer;
pub use registry::Metrics;
pub use route::{Route, OTHER_ROUTE};
pub use service::{Measured, MetricsService};

pub(super) use duration::Durations;
pub(super) use http::HttpCounts;
pub(super) use method::Method;
