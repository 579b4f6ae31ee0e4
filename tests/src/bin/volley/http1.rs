//! A client of HTTP/1.1, byte by byte: whether a single byte came back decides what a request's end is.

use super::{
    connect,
    report::{End, Report},
    request::Request,
};
use std::{io::ErrorKind::WouldBlock, net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One request after another, on one connection after another, as long as there is one.
pub(super) async fn ask(address: SocketAddr, first: usize, report: Arc<Report>) {
    let mut number = first;
    let mut has_begun = false;
    while let Some(mut stream) = connect(address).await {
        let mut answered = 0_u64;
        // What every client looks at before it takes a connection again.
        while !has_ended(&stream) {
            let request = Request::new(number);
            number += 1;
            let (end, why, goes_on) = one(&mut stream, address, &request, answered > 0).await;
            report.count(end, || format!("HTTP/1.1 {} {}: {why}", request.method, request.path));
            if end == End::Answered && !std::mem::replace(&mut has_begun, true) {
                report.begun();
            }
            answered += 1;
            if !goes_on {
                break;
            }
        }
    }
}

fn has_ended(stream: &TcpStream) -> bool {
    !matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == WouldBlock)
}

/// How it ended, why, and whether the connection can be used again.
async fn one(stream: &mut TcpStream, host: SocketAddr, request: &Request, is_reused: bool) -> (End, String, bool) {
    let Request { method, path, body, .. } = request;
    let length = body.len();
    let text = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    if let Err(error) = stream.write_all(text.as_bytes()).await {
        return (End::Unsent, error.to_string(), false);
    }
    let mut bytes = Vec::new();
    loop {
        match Answer::read(&bytes) {
            Ok(None) => {}
            Ok(Some(answer)) if request.is_answered(answer.status, &answer.body) => {
                return (End::Answered, String::new(), !answer.closes);
            }
            Ok(Some(answer)) => {
                let body = String::from_utf8_lossy(&answer.body).into_owned();
                return (End::Wrong, format!("{} {body}", answer.status), !answer.closes);
            }
            Err(why) => return (End::Wrong, why.to_owned(), false),
        }
        let why = match stream.read_buf(&mut bytes).await {
            Ok(0) => "the connection ended".to_owned(),
            Ok(_) => continue,
            Err(error) => error.to_string(),
        };
        let end = match (bytes.is_empty(), is_reused) {
            (true, true) => End::Crossed,
            (true, false) => End::Dropped,
            (false, _) => End::Cut,
        };
        return (end, why, false);
    }
}

/// A response, whole.
struct Answer {
    status: u16,
    closes: bool,
    body: Vec<u8>,
}

impl Answer {
    /// None as long as it is not whole. Nothing may come after it: nothing else was asked.
    fn read(bytes: &[u8]) -> Result<Option<Self>, &'static str> {
        let Some(end) = position(bytes, b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "a head that is no text")?.to_ascii_lowercase();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or("no status")?;
        let field = |name: &str| {
            let value = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.map(str::trim)
        };
        let rest = &bytes[end + 4..];
        let body = if field("transfer-encoding") == Some("chunked") {
            chunks(rest)?
        } else {
            let length: usize = field("content-length").and_then(|length| length.parse().ok()).ok_or("no length")?;
            if rest.len() > length {
                return Err("more than was announced");
            }
            (rest.len() == length).then(|| rest.to_vec())
        };
        Ok(body.map(|body| Self { status, closes: field("connection") == Some("close"), body }))
    }
}

/// What is in the pieces; none as long as the last is missing.
fn chunks(mut rest: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
    let mut body = Vec::new();
    loop {
        let Some(end) = position(rest, b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.ok_or("a piece without a size")?;
        let Some(piece) = rest.get(end + 2..end + 2 + size + 2) else { return Ok(None) };
        body.extend_from_slice(&piece[..size]);
        rest = &rest[end + 2 + size + 2..];
        if size == 0 {
            return if rest.is_empty() { Ok(Some(body)) } else { Err("more than one answer") };
        }
    }
}

fn position(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
