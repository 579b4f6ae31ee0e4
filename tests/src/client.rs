//! Requests over HTTP/1.1 and cleartext HTTP/2.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    time::{Duration, SystemTime},
};

/// What a request ends with when it has no answer.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A client that keeps its connections.
#[derive(Clone, Debug)]
pub struct Client(legacy::Client<HttpConnector, Full<Bytes>>);

/// A response, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, to the last byte.
    pub body: Bytes,
    /// From the request to the end of the body.
    pub took: Duration,
}

impl Client {
    /// One that speaks HTTP/1.1.
    #[must_use]
    pub fn http1() -> Self {
        Self(legacy::Client::builder(TokioExecutor::new()).build_http())
    }

    /// One that speaks HTTP/1.1, from this address of the machine.
    #[must_use]
    pub fn from_address(address: IpAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_local_address(Some(address));
        Self(legacy::Client::builder(TokioExecutor::new()).build(connector))
    }

    /// One that speaks HTTP/2 from the first byte.
    #[must_use]
    pub fn http2() -> Self {
        Self(legacy::Client::builder(TokioExecutor::new()).http2_only(true).build_http())
    }

    /// Asks for a path.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn get(&self, to: SocketAddr, path: &str) -> Result<Answer, Failure> {
        self.send(to, Method::GET, path, &[], "").await
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn send(
        &self,
        to: SocketAddr,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, Failure> {
        let begun = SystemTime::now();
        let mut request = Request::builder().method(method).uri(format!("http://{to}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
        let (head, body) = self.0.request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body, took: begun.elapsed().unwrap_or_default() })
    }
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A header, empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
