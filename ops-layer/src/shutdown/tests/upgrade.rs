//! Connections that are no longer HTTP, and what a client of HTTP/2 is told.

use super::{
    super::{GracefulShutdown, ShutdownReport},
    *,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A connection that was handed over to a service that sends back what it gets.
pub(super) async fn upgraded(connections: &Connections) -> DuplexStream {
    let mut io = connect(connections);
    io.write_all(b"GET /echo HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
        .await
        .expect("open");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.expect("an answer"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    assert_eq!(echoed(&mut io, b"hello").await, *b"hello");
    io
}

async fn echoed(io: &mut DuplexStream, bytes: &[u8; 5]) -> [u8; 5] {
    io.write_all(bytes).await.expect("open");
    let mut back = [0; 5];
    io.read_exact(&mut back).await.expect("open");
    back
}

async fn end(shutdown: &GracefulShutdown, timeout: &str) -> ShutdownReport {
    let (config, mut hooks) = (config(timeout, "0s"), Recorder::default());
    must_end("the shutdown", shutdown.shutdown(&config, &mut hooks, pending())).await
}

#[tokio::test(start_paused = true)]
async fn an_upgraded_connection_is_in_flight_until_it_is_closed() {
    let shutdown = GracefulShutdown::new();
    let traffic = shutdown.traffic().clone();
    let mut io = upgraded(&traffic).await;
    assert_eq!((traffic.in_flight(), traffic.upgraded(), traffic.open()), (1, 1, 1));
    let lives = async {
        sleep(Duration::from_secs(7)).await;
        assert_eq!(echoed(&mut io, b"still").await, *b"still", "it is given its time");
        drop(io);
    };
    let (report, ()) = tokio::join!(end(&shutdown, "10s"), lives);
    assert_eq!((report.finished, report.aborted, report.took.as_secs()), (1, 0, 7));
    assert_eq!((traffic.in_flight(), traffic.upgraded(), traffic.open()), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_upgraded_connection_is_cut_at_the_deadline() {
    let shutdown = GracefulShutdown::new();
    let mut io = upgraded(shutdown.traffic()).await;
    let report = end(&shutdown, "10s").await;
    assert_eq!((report.finished, report.aborted, report.took.as_secs()), (0, 1, 10));
    let rest = must_end("the socket, in whatever hands", io.read(&mut [0; 8])).await;
    assert!(matches!(rest, Ok(0) | Err(_)), "{rest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_of_http_2_is_told_of_the_end_and_gets_its_answer() {
    const GOAWAY: u8 = 7;
    const DATA: u8 = 0;
    let shutdown = GracefulShutdown::new();
    let mut io = connect(shutdown.traffic());
    // Preface, settings, and GET /2000 on stream 1.
    io.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("open");
    io.write_all(b"\0\0\x0f\x01\x05\0\0\0\x01\x82\x86\x04\x05/2000\x41\x04test").await.expect("open");
    sleep(Duration::from_millis(10)).await;
    assert_eq!(shutdown.traffic().in_flight(), 1);
    let reads = async {
        let mut kinds = Vec::new();
        loop {
            let mut head = [0; 9];
            if io.read_exact(&mut head).await.is_err() {
                return kinds;
            }
            let [_, high, low, kind, flags, ..] = head;
            let mut rest = vec![0; usize::from(u16::from_be_bytes([high, low]))];
            io.read_exact(&mut rest).await.expect("a whole frame");
            if kind == 6 && flags == 0 {
                // A ping: hyper waits for the answer before it says which stream was the last.
                io.write_all(&[&head[..4], &[1], &head[5..], &rest].concat()).await.expect("open");
            }
            kinds.push(kind);
        }
    };
    let (report, kinds) = tokio::join!(end(&shutdown, "10s"), reads);
    let at = |kind| kinds.iter().position(|seen| *seen == kind);
    assert!(at(GOAWAY).is_some_and(|told| at(DATA).is_some_and(|answered| told < answered)), "{kinds:?}");
    assert_eq!((report.finished, report.aborted), (1, 0));
}
