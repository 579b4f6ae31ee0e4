//! Load from a process of its own, which checks every answer and accounts for every request.
//!
//! ```text
//! volley ADDRESS [CONNECTIONS] [STREAMS]
//! ```
//!
//! So many connections of HTTP/1.1, each with one request after another without a pause, as `wrk` does,
//! and as many of HTTP/2 with so many requests at once. Says `under way` once each has had an answer.
//! Whoever is told that a connection ends makes another; it ends by itself when the service no longer
//! lets anybody in, and says as JSON what became of all it sent: see `report`.
//!
//! Why not `wrk`: it speaks no HTTP/2, does not look at answers, and counts a connection that ends
//! between two requests like one that ends within.

mod http1;
mod http2;
mod report;
mod request;

use report::Report;
use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpStream, task::JoinSet, time::timeout};

/// A service that neither answers nor ends is not waited for any longer.
const LONGEST: Duration = Duration::from_mins(1);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let number = |at: usize, default: usize| words.get(at).map_or(Some(default), |word| word.parse().ok());
    let address = words.first().and_then(|word| word.parse().ok());
    let (Some(address), Some(connections), Some(streams)) = (address, number(1, 16), number(2, 8)) else {
        let _ = writeln!(io::stderr(), "volley ADDRESS [CONNECTIONS] [STREAMS]");
        return ExitCode::from(2);
    };
    let report = Arc::new(Report::new(connections * (1 + streams)));
    let mut clients = JoinSet::new();
    for number in 0..connections {
        clients.spawn(http1::ask(address, number, Arc::clone(&report)));
        clients.spawn(http2::ask(address, number, streams, Arc::clone(&report)));
    }
    let all = async { while clients.join_next().await.is_some() {} };
    let is_over = timeout(LONGEST, all).await.is_ok();
    let _ = writeln!(io::stdout(), "{}", report.json());
    if is_over {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A connection; none once nobody is let in any more.
async fn connect(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    Some(stream)
}
