//! Who may be at an address: nobody, or a stranger.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    sync::mpsc::{channel, Receiver},
    thread,
};
use tokio::net::TcpSocket;

/// A port where nobody listens. It is held: one that was let go of, another test may be given.
pub(crate) struct Nobody(TcpSocket);

impl Nobody {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        Self(socket)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("its address")
    }
}

/// Somebody else's service, which asks everyone for a token and keeps what it is sent.
pub(crate) struct Stranger {
    pub(crate) address: SocketAddr,
    requests: Receiver<String>,
}

impl Stranger {
    pub(crate) fn asking(challenge: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let (heard, requests) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                let answer = format!(
                    "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: {challenge}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                // Kept before it is answered: when the client has ended, all of it is there.
                if heard.send(request.join("\n")).is_err() {
                    return;
                }
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, requests }
    }

    /// What it was sent until now.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}
