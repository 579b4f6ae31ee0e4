//! Who is at the other end of the connection.

use axum::extract::ConnectInfo;
use http::Request;
use std::net::SocketAddr;

/// The address at the other end of the connection that a request came in by: the client itself, or the
/// last proxy before us. A request extension, so handlers may read it as well.
///
/// Listeners of ours put it there. It costs each request one small allocation, also where nobody looks at
/// it: whether somebody will is not known at the door, and there is no other place on a request that every
/// layer between the door and the span leaves alone. Where requests come in some other way it may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

impl PeerAddr {
    /// What is known of a request: this extension, or the one that `axum::serve` makes.
    pub fn of_request<B>(request: &Request<B>) -> Option<SocketAddr> {
        let extensions = request.extensions();
        let ours = extensions.get::<Self>().map(|peer| peer.0);
        ours.or_else(|| extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0))
    }
}
