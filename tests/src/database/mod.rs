//! A database server of one's own: PostgreSQL or MariaDB as Debian ships them, in a temporary
//! folder, on an address of this machine that nobody else uses.
//!
//! A server is killed, stopped and started again on the same address, as the machine under it
//! might do that. It speaks without TLS and asks for a password. By default it does not wait for
//! the disk; [`Server::durable`] is for what a test says about kept writes.
//!
//! What a [`Witness`] counts is the server's own knowledge and comes over a connection that the
//! service under test cannot take away: both servers keep one for their administrator.
//!
//! Not for more than one service at a time, and not for measuring how fast a database is.

mod family;
mod kind;
mod server;
mod witness;

pub use self::{kind::Kind, server::Server, witness::Witness};
