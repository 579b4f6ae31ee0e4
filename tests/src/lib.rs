//! What the tests of the real program are made of.
//!
//! | module | holds |
//! |---|---|
//! | [`program`] | the binary `ops`, built once |
//! | [`service`] | the program at work: its folder, its addresses, its log, its end |
//! | [`footprint`] | what a process holds, as the kernel counts it |
//! | `operator` | what is asked of the operator's listener |
//! | [`client`] | requests over HTTP/1.1 and cleartext HTTP/2 |
//! | `lines` | what a process writes, read as it comes |
//! | [`scrape`] | the numbers of `/metrics` |
//! | [`outside`] | programs that others wrote |
//! | [`database`] | PostgreSQL and MariaDB, each a server of one's own |
//! | [`load`] | requests all the while, on connections that stay |
//! | [`wait`] | until something holds, or a deadline has passed |
//!
//! Each service has its own temporary folder and lets the system choose its ports, so
//! tests run side by side and leave nothing behind.

pub mod client;
pub mod database;
pub mod footprint;
mod lines;
pub mod load;
mod operator;
pub mod outside;
pub mod program;
pub mod scrape;
pub mod service;
pub mod wait;
