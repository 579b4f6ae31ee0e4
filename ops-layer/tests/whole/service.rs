//! A running `Ops` over a file of its own.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use ops_config::{reload::Outcome, source::Sources};
use ops_layer::Ops;
use std::{convert::Infallible, future::Future, path::PathBuf};
use tempfile::TempDir;
use tower::{util::ServiceFn, Layer};

/// Listeners on ports that the system chooses, so that tests run side by side, and a quiet log.
const HEAD: &str = "\
version = 1
admin.listen = \"127.0.0.1:0\"
observability.metrics_port = 0
observability.logging.level = \"off\"
";

/// A running `Ops` over a file of its own.
pub(crate) struct Running {
    pub(crate) ops: Ops,
    file: PathBuf,
    _folder: TempDir,
}

impl Running {
    pub(crate) async fn start(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ops.toml");
        std::fs::write(&file, format!("{HEAD}{text}")).expect("a file");
        let ops = Ops::start_from(Sources::from_file(&file)).await.expect("a valid configuration");
        Self { ops, file, _folder: folder }
    }

    /// Saves by rename and waits until the save was looked at.
    pub(crate) async fn save(&self, text: &str) -> Outcome {
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, format!("{HEAD}{text}")).expect("a file");
        std::fs::rename(&beside, &self.file).expect("a rename");
        self.ops.reload().await
    }

    /// The stack around a handler.
    pub(crate) fn around<H, F>(&self, handler: H) -> <ops_layer::OpsLayer as Layer<ServiceFn<H>>>::Service
    where
        H: FnMut(Request<Full<Bytes>>) -> F,
        F: Future<Output = Result<Response<Full<Bytes>>, Infallible>>,
    {
        self.ops.layer().layer(tower::service_fn(handler))
    }
}

pub(crate) fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(path).body(Full::default()).expect("a request")
}

pub(crate) fn answer(status: u16) -> Response<Full<Bytes>> {
    Response::builder().status(status).body(Full::from("the service's own")).expect("a response")
}

/// The body as text, or why there is none.
pub(crate) async fn text<B>(response: Response<B>) -> Result<String, B::Error>
where
    B: http_body::Body<Data = Bytes>,
{
    let bytes = response.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(bytes.to_vec()).expect("UTF-8"))
}
