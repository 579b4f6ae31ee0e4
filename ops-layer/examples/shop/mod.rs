//! What the examples have in common: a file of their own, a listener, and a client of a few lines.

use axum::Router;
use ops_layer::Ops;
use std::{error::Error, fs, net::SocketAddr, path::PathBuf};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An `ops.toml` in which the system chooses every port; `observability` says the rest of that section.
pub(crate) fn file(observability: &str) -> std::io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("ops-example-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let ports = "[server]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"\n";
    let text = format!("version = 1\n{ports}[observability]\nmetrics_port = 0\n{observability}\n");
    let file = folder.join("ops.toml");
    fs::write(&file, text)?;
    Ok(file)
}

/// Serves in the background; where. A program of yours says `ops.serve(app).await` and ends with it.
pub(crate) async fn serve(ops: &Ops, app: Router) -> Result<SocketAddr, Box<dyn Error + Send + Sync>> {
    let server = ops.bind().await?;
    let address = server.address();
    tokio::spawn(server.serve(app));
    Ok(address)
}

/// What is answered to a request, head and body.
pub(crate) async fn ask(server: SocketAddr, method: &str, path: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
    let mut stream = TcpStream::connect(server).await?;
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: {server}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
