//! The accept loop of one bound listener.

use super::{bound, connection, Bound, Connections};
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use std::{error::Error as StdError, io, sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::sleep};
use tokio_util::sync::CancellationToken;
use tower::Service;

/// How long the loop rests when the system has no file descriptor or memory left. Without it, it would spin.
const REST: Duration = Duration::from_millis(100);
/// How often it rests when it has been told to stop: ending connections give descriptors back.
const RESTS: u32 = 10;

/// Takes connections until told to stop; then those that the kernel has already accepted, and closes the
/// listener, unless another has taken over.
pub(super) async fn accept<S, B>(
    name: &'static str,
    bound: Bound,
    service: S,
    stop: CancellationToken,
    connections: Connections,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let builder = Arc::new(connection::builder());
    let (drain, end) = (stop.clone(), connections.end());
    let take = move |stream: TcpStream| {
        // Small answers must not wait for the peer's acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        // Asked once for all requests of the connection. A peer that is gone already has no address.
        let peer = stream.peer_addr().ok();
        connections.take(stream, peer, service.clone(), Arc::clone(&builder), drain.clone());
    };
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = bound.accept() => match accepted {
                // Who waits in the queue is another's to take.
                None => return,
                Some(Ok(stream)) => take(stream),
                Some(Err(error)) if is_the_peers(&error) => {}
                Some(Err(error)) => {
                    tracing::warn!(name: "listener.accept_failed", listener = name, error = %error, "no connection taken");
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = sleep(REST) => {}
                    }
                }
            },
        }
    }
    // Closing a listener resets what waits in its queue: clients that were promised an answer.
    if end.is_cancelled() {
        // Else a connection could come between the last look and the close, which happens on a busy machine.
        bound.narrow();
    }
    take_the_queue(name, &bound, take).await;
}

/// Takes every connection that waits in the kernel's queue, unless another has taken over.
async fn take_the_queue(name: &'static str, bound: &Bound, take: impl Fn(TcpStream)) {
    let mut rests = 0;
    // The queue cannot hold more; what comes later is not waited for, or a flood would have no end.
    let mut left = bound::BACKLOG + 1;
    while left > 0 {
        let Some(waiting) = bound.waiting() else { return };
        match waiting {
            Ok(stream) => take(stream),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(error) if is_the_peers(&error) => {}
            Err(error) if rests < RESTS => {
                tracing::warn!(name: "listener.accept_failed", listener = name, error = %error, "no connection taken");
                rests += 1;
                sleep(REST).await;
                continue;
            }
            Err(error) => {
                tracing::warn!(name: "listener.queue_lost", listener = name, error = %error, "waiting connections lost");
                return;
            }
        }
        left -= 1;
    }
}

/// The peer was gone before we took it; the listener is well.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
