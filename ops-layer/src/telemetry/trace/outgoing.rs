//! A call to another service by a client that is no tower service.

use super::{
    client::{describe, ClientScope},
    Tracer,
};
use http::{HeaderMap, Method, StatusCode, Uri, Version};

/// A call to another service, for clients that are no tower services: what
/// [`ClientLayer`](super::ClientLayer) does, by hand. Any client will do that shows its headers.
///
/// Each call has an id of its own within the trace, so that two are told apart; where the request is
/// recorded it has a span too, which ends with this. Keep it until the answer has been read. Dropped
/// before anything was noted, the call counts as cancelled. Outside of a request it does nothing.
///
/// ```
/// use http::{HeaderMap, Method, StatusCode, Version};
/// use ops_layer::telemetry::trace::Outgoing;
///
/// # struct Answer;
/// # impl Answer {
/// #     fn status(&self) -> StatusCode { StatusCode::OK }
/// #     fn version(&self) -> Version { Version::HTTP_11 }
/// # }
/// # async fn send(_: Method, _: &str, _: HeaderMap) -> Result<Answer, std::io::Error> { Ok(Answer) }
/// # async fn ask() -> Result<(), std::io::Error> {
/// let url = "https://stock.example/items/7";
/// let mut headers = HeaderMap::new();
/// let mut outgoing = Outgoing::begin(&Method::GET, url, &mut headers); // now they have the traceparent
/// match send(Method::GET, url, headers).await {
///     Ok(answer) => outgoing.answered(answer.status(), answer.version()),
///     Err(error) => {
///         outgoing.failed("connect");
///         return Err(error);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the span of the call ends when this is dropped"]
pub struct Outgoing {
    scope: Option<ClientScope>,
}

impl Outgoing {
    /// Begins a call: its headers carry the trace on. In the span, `url` is shown without its user and
    /// password, and without the values of what its query names like a secret.
    pub fn begin(method: &Method, url: &str, headers: &mut HeaderMap) -> Self {
        // Where the request is recorded, whoever made its span is known to the context.
        let tracer = Tracer::current();
        let about = || describe(method, &url.parse::<Uri>().unwrap_or_default(), headers);
        let scope = ClientScope::begin(tracer.as_ref(), about);
        if let Some(scope) = &scope {
            scope.inject(headers);
        }
        Self { scope }
    }

    /// Notes how the call was answered.
    pub fn answered(&mut self, status: StatusCode, version: Version) {
        if let Some(scope) = &mut self.scope {
            scope.answer(status, version);
        }
    }

    /// Notes that there was no whole answer. The kind becomes `error.type`: one of few words, such as
    /// `timeout` or `connect`; `_OTHER` where it is not known.
    pub fn failed(&mut self, kind: &'static str) {
        if let Some(scope) = &mut self.scope {
            scope.fail(kind);
        }
    }
}
