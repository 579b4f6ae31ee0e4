//! A request with what was pinned for it.

use crate::clock::Moment;
use http::Request;
use ops_config::live::Generation;
use std::sync::Arc;

/// The generation a request is judged by, for its whole life.
pub type Pinned<P> = Arc<Generation<P>>;

/// A request with what was pinned for it.
#[derive(Debug)]
pub struct Call<P, B> {
    /// The request.
    pub request: Request<B>,
    /// The generation it is judged by.
    pub pinned: Pinned<P>,
    /// When it came in.
    pub started: Moment,
}

impl<P, B> Call<P, B> {
    /// One mechanism's part of the plan.
    pub fn plan<T>(&self) -> &T
    where
        P: AsRef<T>,
    {
        self.pinned.plan.as_ref()
    }

    /// The path the request asks for.
    pub fn path(&self) -> &str {
        self.request.uri().path()
    }
}
