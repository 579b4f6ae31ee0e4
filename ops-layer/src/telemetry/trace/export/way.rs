//! What the courier needs of an exporter; a test has one without a network.

use super::answer::Answer;
use bytes::Bytes;
use opentelemetry_proto::tonic::resource::v1::Resource;
use ops_config::value::HttpUrl;
use std::{future::Future, time::Duration};

/// The way to one collector.
pub(super) trait Way: Send + Sync + 'static {
    /// Where it leads, for the log.
    fn endpoint(&self) -> &HttpUrl;

    /// Whose spans these are.
    fn resource(&self) -> &Resource;

    /// How long one try takes at most.
    fn timeout(&self) -> Duration;

    /// One try.
    fn send(&self, body: Bytes) -> impl Future<Output = Answer> + Send;

    /// A try got no answer in time: the next one should not wait on the same connection.
    fn give_up(&self);
}
