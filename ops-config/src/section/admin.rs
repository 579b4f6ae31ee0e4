//! `[admin]`: the operator's listener.

use crate::value::{Secret, SocketAddress};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The operator's listener: configuration and its reload.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdminConfig {
    /// The address operators use. IP address and port; port 0 lets the system choose. Off loopback it needs a token.
    ///
    /// Reload: the new address is bound first, then the old one closes.
    pub listen: SocketAddress,

    /// What a request must carry as `Authorization: Bearer …`. Secret. Left out: nothing is asked of callers on this machine.
    ///
    /// Reload: applies to the next request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self { listen: SocketAddress::loopback(9091), token: None }
    }
}
