//! `[server]`: where requests come in.

use crate::value::SocketAddress;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where requests come in. Read by `ops serve` and `Ops::serve`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// The address requests are taken on, HTTP/1.1 and cleartext HTTP/2. IP address and port; port 0 lets the system choose.
    ///
    /// Reload: the new address is bound first, then the old one drains.
    pub listen: SocketAddress,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { listen: SocketAddress::loopback(8080) }
    }
}
