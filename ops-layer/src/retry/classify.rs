//! Which requests may be sent twice, and which failures may pass.

use super::policy::RetryPolicy;
use crate::refusal::NotMade;
use http::Response;
use std::error::Error;

/// Says of a request that it may be sent twice, whatever its method: an extension of the request. For a POST with a key
/// that makes it idempotent, or a call of gRPC that only reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repeatable;

/// Tells failures that may pass from those that stay, and from success.
pub trait Classify<R, E> {
    /// Whether the call is worth another attempt. Only the head of the response has come in.
    fn is_transient(&self, policy: &RetryPolicy, result: Result<&Response<R>, &E>) -> bool;
}

/// As the file says: `statuses`, `grpc_statuses`, and every error but that of a guard that did not make the call,
/// such as an open breaker.
#[derive(Clone, Copy, Debug, Default)]
pub struct Configured;

impl<R, E: Error + 'static> Classify<R, E> for Configured {
    fn is_transient(&self, policy: &RetryPolicy, result: Result<&Response<R>, &E>) -> bool {
        match result {
            Ok(response) => policy.is_transient(response.status(), response.headers()),
            Err(error) => was_made(error),
        }
    }
}

/// As a program says.
#[derive(Clone, Copy, Debug)]
pub struct Own<F>(pub(super) F);

impl<R, E, F: Fn(Result<&Response<R>, &E>) -> bool> Classify<R, E> for Own<F> {
    fn is_transient(&self, _: &RetryPolicy, result: Result<&Response<R>, &E>) -> bool {
        self.0(result)
    }
}

/// Whether the call behind an error was made. One that a guard of ours refused is not worth another attempt: the guard
/// knows better than a pause of milliseconds when there is a point in it.
pub(super) fn was_made(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<NotMade>() {
            return false;
        }
        cause = error.source();
    }
    true
}
