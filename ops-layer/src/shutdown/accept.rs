//! The accept loop of one bound listener.

use super::{connection, Bound, Connections};
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use std::{error::Error as StdError, future::Future, io, pin::pin, sync::Arc, task::Poll, time::Duration};
use tokio::{net::TcpStream, time::sleep};
use tokio_util::sync::CancellationToken;
use tower::Service;

/// How long the loop rests when the system has no file descriptor or memory left. Without it, it would spin.
const REST: Duration = Duration::from_millis(100);

/// Takes connections until told to stop; then those that the kernel has already accepted, and closes the listener.
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
    let drain = stop.clone();
    let take = move |stream: TcpStream| {
        // Small answers must not wait for the peer's acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        connections.take(stream, service.clone(), Arc::clone(&builder), drain.clone());
    };
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = bound.listener.accept() => match accepted {
                Ok((stream, _)) => take(stream),
                Err(error) if is_the_peers(&error) => {}
                Err(error) => {
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
    while let Some(stream) = waiting(&bound).await {
        take(stream);
    }
}

/// A connection that waits in the kernel's queue; none when it is empty.
async fn waiting(bound: &Bound) -> Option<TcpStream> {
    let mut accepting = pin!(bound.listener.accept());
    let once = std::future::poll_fn(|cx| match accepting.as_mut().poll(cx) {
        Poll::Ready(accepted) => Poll::Ready(accepted.ok()),
        Poll::Pending => Poll::Ready(None),
    });
    once.await.map(|(stream, _)| stream)
}

/// The peer was gone before we took it; the listener is well.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
