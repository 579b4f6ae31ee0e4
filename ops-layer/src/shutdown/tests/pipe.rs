//! One connection, over a pipe and on a paused clock.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// All that comes until the connection ends, and how long that took.
async fn rest(io: &mut DuplexStream) -> (String, Duration) {
    let begin = Instant::now();
    let mut all = Vec::new();
    let _ = must_end("the connection", io.read_to_end(&mut all)).await;
    (String::from_utf8_lossy(&all).into_owned(), begin.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_on_its_way_when_draining_began_is_answered() {
    let connections = Connections::new();
    let mut io = connect(&connections);
    sleep(Duration::from_millis(1)).await;
    connections.drain();
    sleep(Duration::from_millis(900)).await;
    io.write_all(b"GET /0 HTTP/1.1\r\nhost: test\r\n\r\n").await.expect("still open");
    let (answer, took) = rest(&mut io).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    assert!(took < Duration::from_millis(50), "{took:?}");
    must_end("the connections", connections.finished()).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_crosses_with_the_end_is_answered_wherever_the_one_before_was() {
    // At rest when draining began; with an answer under way, whose head had not said that it is the last.
    for (first, before) in [("/0", "done"), ("/0/100", "0\r\n\r\n")] {
        let connections = Connections::new();
        let mut io = connect(&connections);
        io.write_all(format!("GET {first} HTTP/1.1\r\nhost: test\r\n\r\n").as_bytes()).await.expect("open");
        let (mut all, mut byte) = (String::new(), [0]);
        while !all.contains("\r\n\r\n") {
            io.read_exact(&mut byte).await.expect("a head");
            all.push(char::from(byte[0]));
        }
        assert!(!all.contains("connection: close"), "{all}");
        connections.drain();
        while !all.ends_with(before) {
            io.read_exact(&mut byte).await.expect("the whole answer");
            all.push(char::from(byte[0]));
        }
        sleep(Duration::from_millis(200)).await;
        io.write_all(b"GET /0 HTTP/1.1\r\nhost: test\r\n\r\n").await.expect("still open");
        let (answer, took) = rest(&mut io).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
        assert!(took < Duration::from_millis(50), "{took:?}");
        must_end("the connections", connections.finished()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_at_rest_holds_the_end_for_a_moment() {
    for bytes in ["", "G", "GET /0 HTTP/1.1\r\nhost: te"] {
        let connections = Connections::new();
        let mut io = connect(&connections);
        io.write_all(b"GET /0 HTTP/1.1\r\nhost: test\r\n\r\n").await.expect("open");
        sleep(Duration::from_millis(10)).await;
        assert_eq!(connections.ended(), 1);
        io.write_all(bytes.as_bytes()).await.expect("open");
        connections.drain();
        let (_, took) = rest(&mut io).await;
        assert!(took <= Duration::from_millis(501), "{took:?}");
        must_end("the connections", connections.finished()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_request_holds_the_end_for_a_second() {
    for bytes in ["", "G", "GET /0 HTTP/1.1\r\nhost: te"] {
        let connections = Connections::new();
        let mut io = connect(&connections);
        io.write_all(bytes.as_bytes()).await.expect("open");
        sleep(Duration::from_millis(1)).await;
        connections.drain();
        let (_, took) = rest(&mut io).await;
        assert!(took <= Duration::from_millis(1001), "{took:?}");
        must_end("the connections", connections.finished()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_slowly_gets_all_of_it() {
    let connections = Connections::new();
    let (mut read, mut write) = tokio::io::split(connect_over(&connections, 16));
    write.write_all(b"GET /0/5 HTTP/1.1\r\nhost: test\r\n\r\n").await.expect("open");
    sleep(Duration::from_millis(100)).await;
    connections.drain();
    let mut all = Vec::new();
    let mut byte = [0];
    while read.read(&mut byte).await.expect("not cut") > 0 {
        all.push(byte[0]);
        sleep(Duration::from_secs(7)).await;
    }
    assert!(String::from_utf8_lossy(&all).ends_with("0\r\n\r\n"), "the last chunk came");
    must_end("the connections", connections.finished()).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_of_http_2_holds_the_end_for_seconds_only() {
    let connections = Connections::new();
    let mut io = connect(&connections);
    // Preface, settings, and GET /0 on stream 1; then nothing more, not even an answer to a ping.
    io.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("open");
    io.write_all(b"\0\0\x09\x01\x05\0\0\0\x01\x82\x86\x84\x41\x04test").await.expect("open");
    sleep(Duration::from_millis(10)).await;
    assert_eq!(connections.ended(), 1);
    connections.drain();
    let (_, took) = rest(&mut io).await;
    assert!(took <= Duration::from_millis(10_100), "{took:?}");
    must_end("the connections", connections.finished()).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_no_head_is_not_waited_for() {
    for bytes in ["", "P", "POST /0 HTTP/1.1\r\nhost: te"] {
        let connections = Connections::new();
        let mut io = connect(&connections);
        io.write_all(bytes.as_bytes()).await.expect("open");
        let (_, took) = rest(&mut io).await;
        assert!((29..=31).contains(&took.as_secs()), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_between_requests() {
    let connections = Connections::new();
    let (mut client, task) = Client::speak(connect(&connections), false).await;
    for _ in 0..3 {
        assert_eq!(client.get("/50").await.expect("served"), (200, "done".to_owned(), false));
        sleep(Duration::from_secs(20)).await;
    }
    assert_eq!((connections.in_flight(), connections.ended()), (0, 3));
    assert!(!task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_request_counts_until_its_body_has_ended() {
    let connections = Connections::new();
    let (mut client, _task) = Client::speak(connect(&connections), false).await;
    let answer = tokio::spawn(client.get("/0/100"));
    sleep(Duration::from_millis(50)).await;
    assert_eq!(connections.in_flight(), 1);
    answer.await.expect("no panic").expect("served");
    assert_eq!(connections.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_counts_no_more() {
    let connections = Connections::new();
    let (mut client, task) = Client::speak(connect(&connections), false).await;
    let answer = tokio::spawn(client.get("/stuck"));
    sleep(Duration::from_millis(1)).await;
    assert_eq!(connections.in_flight(), 1);
    task.abort();
    answer.abort();
    drop(client);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(connections.in_flight(), 0);
}
