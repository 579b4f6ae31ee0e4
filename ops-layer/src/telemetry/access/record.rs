//! What is remembered of a request for its line.

use super::rules::AccessRules;
use crate::{
    call::Call,
    clock::Moment,
    refusal::Refusal,
    telemetry::{
        metric::{Method, Route},
        trace::{client_address, ends_with_head, length, protocol},
    },
};
use axum::extract::MatchedPath;
use bytes::Buf;
use http::{header::USER_AGENT, uri::PathAndQuery, HeaderValue, Response, StatusCode, Version};
use http_body::Body;
use std::{net::IpAddr, sync::Arc, time::Duration};

/// The most that is shown of one text that a client sent, in bytes.
const LONGEST: usize = 1024;

/// The fault of a service that fails without an answer.
pub(super) const SERVICE_ERROR: &str = "service_error";

/// What is remembered of a request; its line is written, or not, when this is dropped.
#[derive(Debug)]
pub(super) struct Record {
    rules: Arc<AccessRules>,
    started: Moment,
    method: http::Method,
    path: Option<PathAndQuery>,
    version: Version,
    route: Option<KnownRoute>,
    agent: Option<HeaderValue>,
    client: Option<IpAddr>,
    status: Option<StatusCode>,
    /// Why the stack refused, if it did.
    refusal: Option<&'static str>,
    /// Why there was no whole answer; what comes after the first such fault follows from it.
    fault: Option<&'static str>,
    sent: u64,
    /// Bytes of the answer that are still to be sent, if that is known.
    left: Option<u64>,
    /// The client has got all there is to get.
    is_whole: bool,
}

/// A route's name, in whichever form the request had it: none has to be copied.
#[derive(Debug)]
enum KnownRoute {
    Matched(MatchedPath),
    Named(Route),
}

impl KnownRoute {
    fn name(&self) -> &str {
        match self {
            Self::Matched(path) => path.as_str(),
            Self::Named(route) => route.name(),
        }
    }
}

impl Record {
    /// Everything is shared with the request, nothing copied.
    pub(super) fn new<P, B>(rules: &Arc<AccessRules>, call: &Call<P, B>) -> Self {
        let request = &call.request;
        let extensions = request.extensions();
        let matched = extensions.get::<MatchedPath>().cloned().map(KnownRoute::Matched);
        Self {
            rules: Arc::clone(rules),
            started: call.started,
            method: request.method().clone(),
            path: request.uri().path_and_query().cloned(),
            version: request.version(),
            route: matched.or_else(|| extensions.get::<Route>().copied().map(KnownRoute::Named)),
            agent: request.headers().get(USER_AGENT).cloned(),
            client: client_address(request),
            status: None,
            refusal: None,
            fault: None,
            sent: 0,
            left: None,
            is_whole: false,
        }
    }

    /// Notes how the request was answered.
    pub(super) fn answer<B: Body>(&mut self, response: &Response<B>) {
        let refusal = response.extensions().get::<Refusal>();
        self.refusal = refusal.map(Refusal::reason);
        // Where chaos drops the connection, the client never sees a status.
        self.status = Some(response.status()).filter(|_| refusal != Some(&Refusal::Dropped));
        self.route = self.route.take().or_else(|| response.extensions().get().copied().map(KnownRoute::Named));
        self.left = length(response);
        self.is_whole = ends_with_head(Method::of(&self.method), response.status());
    }

    /// Notes a part of the answer's body that went out.
    pub(super) fn sent(&mut self, data: Option<&impl Buf>) {
        let bytes = data.map_or(0, |data| u64::try_from(data.remaining()).unwrap_or(u64::MAX));
        self.sent = self.sent.saturating_add(bytes);
        self.left = self.left.map(|left| left.saturating_sub(bytes));
    }

    /// Notes that the answer is whole.
    pub(super) fn complete(&mut self) {
        self.is_whole = true;
    }

    /// Notes that there was no whole answer, and why.
    pub(super) fn fail(&mut self, kind: &'static str) {
        self.fault = self.fault.or(Some(kind));
    }

    /// The status by which rules judge it. A service that fails without an answer has the connection cut: to
    /// the client, and to whoever asks for server errors, that is one.
    fn judged(&self) -> Option<StatusCode> {
        let is_service_error = self.fault == Some(SERVICE_ERROR);
        self.status.or(is_service_error.then_some(StatusCode::INTERNAL_SERVER_ERROR))
    }

    fn path(&self) -> &str {
        // What has none, such as CONNECT, asks for no path.
        self.path.as_ref().map_or("", PathAndQuery::path)
    }

    fn write(&self, took: Duration) {
        let known = Method::of(&self.method);
        let original = (known == Method::Other).then(|| cut(self.method.as_str()));
        let agent = self.agent.as_ref().map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        let server_error = self.status.filter(StatusCode::is_server_error);
        tracing::info!(
            name: "http.request",
            target: "ops_layer::access",
            http_request_method = known.label(),
            http_request_method_original = original,
            url_path = cut(self.path()),
            http_route = self.route.as_ref().map(KnownRoute::name),
            http_response_status_code = self.status.map(|status| status.as_u16()),
            duration_ms = milliseconds(took),
            http_response_body_size = self.sent,
            network_protocol_version = protocol(self.version),
            client_address = self.client.map(tracing::field::display),
            user_agent_original = agent.as_deref().map(cut),
            error_type = self.refusal.or(server_error.as_ref().map(StatusCode::as_str)).or(self.fault),
            "request ended"
        );
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // Who serves lets go of a body as soon as all the bytes that it promised are out.
        if !self.is_whole && self.left != Some(0) {
            self.fail(if std::thread::panicking() { "panic" } else { "cancelled" });
        }
        // The second look at the clock that a request with access lines pays for.
        let took = Moment::now().since(self.started);
        if self.rules.want(self.path(), self.judged(), took) {
            self.write(took);
        }
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// To the microsecond: more digits say nothing about a request.
fn milliseconds(took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact for the first three centuries")]
    let micros = took.as_micros() as f64;
    micros / 1000.0
}
