//! Within `ops.layer()`.

use crate::app::routes;
use axum::Router;
use ops_config::source::Sources;
use ops_layer::Ops;
use std::{net::SocketAddr, path::Path};
use tokio::runtime::Runtime;

/// Starts it with its file in this folder. It is the subscriber of the process.
pub(crate) fn start(runtime: &Runtime, folder: &Path, sink: SocketAddr) -> (Ops, Router) {
    let file = folder.join("ops.toml");
    let text = format!(
        "version = 1\n[observability]\nservice_name = \"peers\"\nsampling_rate = 0.1\nmetrics_port = 0\n\
         otlp_endpoint = \"http://{sink}\"\n[admin]\nlisten = \"127.0.0.1:0\"\n"
    );
    std::fs::write(&file, text).expect("a file");
    let ops = runtime.block_on(Ops::start_from(Sources::from_file(file))).expect("a valid configuration");
    let service = routes().layer(ops.layer());
    (ops, service)
}
