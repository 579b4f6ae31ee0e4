//! A connection can be opened.

use super::super::{CheckError, CheckFuture, HealthCheck};
use ops_config::value::{Name, Peer};
use tokio::net::TcpStream;

pub(super) struct Tcp {
    name: Name,
    address: Peer,
}

impl Tcp {
    pub(super) fn new(name: Name, address: Peer) -> Self {
        Self { name, address }
    }
}

impl HealthCheck for Tcp {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn check(&self) -> CheckFuture<'_> {
        Box::pin(async {
            match TcpStream::connect(self.address.as_str()).await {
                Ok(_) => Ok(()),
                Err(error) => Err(CheckError::new(format_args!("{}: {error}", self.address.as_str()))),
            }
        })
    }
}
