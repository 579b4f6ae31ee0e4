//! Request bodies that are sent more than once.

use http_body::Body;

/// How the body of a request is had again for another attempt.
pub trait Again<B> {
    /// The body for another attempt, asked for before the first; none where there is no other than this one, and the
    /// request is sent once.
    fn again(&self, body: &B) -> Option<B>;
}

/// Bodies are cloned: `Full`, `Empty`, `Bytes`, `String`. Best where a clone costs a count, not a copy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Copied;

impl<B: Clone> Again<B> for Copied {
    fn again(&self, body: &B) -> Option<B> {
        Some(body.clone())
    }
}

/// Bodies that can be read once: streams. A request with such a body passes once and is never repeated, because what was
/// read of it is gone. One whose body is at its end before it is sent, as that of most GETs, is repeated with an empty one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streamed;

impl<B: Body + Default> Again<B> for Streamed {
    fn again(&self, body: &B) -> Option<B> {
        body.is_end_stream().then(B::default)
    }
}
