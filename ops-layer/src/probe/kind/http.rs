//! A GET is answered with a status below 400.

use super::super::{CheckError, CheckFuture, HealthCheck};
use bytes::Bytes;
use http::{header, Request};
use http_body_util::Empty;
use hyper_util::{
    client::legacy::{connect::HttpConnector, Client},
    rt::TokioExecutor,
};
use ops_config::value::{Name, PlainHttpUrl};
use std::error::Error;

pub(super) struct Http {
    name: Name,
    url: PlainHttpUrl,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl Http {
    pub(super) fn new(name: Name, url: PlainHttpUrl) -> Self {
        // A new connection each time: one kept from before would not show that new ones fail.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self { name, url, client }
    }

    async fn get(&self) -> Result<(), CheckError> {
        let request = Request::get(self.url.as_str())
            .header(header::USER_AGENT, concat!("ops-probe/", env!("CARGO_PKG_VERSION")))
            .header(header::CONNECTION, "close")
            .body(Empty::new())
            .map_err(CheckError::new)?;
        match self.client.request(request).await {
            Ok(response) if response.status().as_u16() < 400 => Ok(()),
            Ok(response) => Err(CheckError::new(format_args!("answered {}", response.status()))),
            Err(error) => Err(CheckError::new(root(&error))),
        }
    }
}

/// The first cause: what is around it only says that a request failed.
fn root<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    error.source().map_or(error, root)
}

impl HealthCheck for Http {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn check(&self) -> CheckFuture<'_> {
        Box::pin(self.get())
    }
}
