//! What the result of a call says of the dependency.

use super::trial::{Trial, Verdict};
use http::Response;

/// What the result of a call says of the dependency. Any function from a result to a [`Verdict`] is one.
pub trait Classify<T, E> {
    /// The verdict; `trial` knows the settings that admitted the call.
    fn classify(&self, result: &Result<T, E>, trial: &Trial) -> Verdict;
}

/// An `Err` is a failure; anything else is a success.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByResult;

impl<T, E> Classify<T, E> for ByResult {
    fn classify(&self, result: &Result<T, E>, _: &Trial) -> Verdict {
        match result {
            Ok(_) => Verdict::Success,
            Err(_) => Verdict::Failure,
        }
    }
}

/// An `Err` is a failure, and so is a response that `failure_statuses` or `failure_grpc_statuses` name.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByResponse;

impl<B, E> Classify<Response<B>, E> for ByResponse {
    fn classify(&self, result: &Result<Response<B>, E>, trial: &Trial) -> Verdict {
        match result {
            Ok(response) if !trial.is_failed(response) => Verdict::Success,
            _ => Verdict::Failure,
        }
    }
}

impl<F, T, E> Classify<T, E> for F
where
    F: Fn(&Result<T, E>) -> Verdict,
{
    fn classify(&self, result: &Result<T, E>, _: &Trial) -> Verdict {
        self(result)
    }
}
