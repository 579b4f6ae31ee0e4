//! Rules of what is listened on.

use super::{address::overlap, Fact, Judge};
use crate::diagnostic::{Code, KeyPath, Origin};
use std::net::SocketAddr;

/// A listener: the key that says its port, the others that say the rest, and its address.
struct Listener {
    key: KeyPath,
    host: Option<KeyPath>,
    shown: String,
    address: SocketAddr,
}

fn listeners(judge: &Judge<'_>) -> [Listener; 3] {
    let config = judge.config;
    let section = |section: &str, address: SocketAddr| Listener {
        key: [section, "listen"].into_iter().collect(),
        host: None,
        shown: format!("\"{address}\""),
        address,
    };
    let metrics = &config.observability;
    let port = u16::try_from(metrics.metrics_port.get()).unwrap_or(u16::MAX);
    [
        section("server", config.server.listen.get()),
        section("admin", config.admin.listen.get()),
        Listener {
            key: ["observability", "metrics_port"].into_iter().collect(),
            host: Some(["observability", "metrics_host"].into_iter().collect()),
            shown: port.to_string(),
            address: SocketAddr::new(metrics.metrics_host.get(), port),
        },
    ]
}

/// No two listeners share an address. Reported at the one that was said last.
pub(super) fn no_two_share_an_address(judge: &mut Judge<'_>) {
    let listeners = listeners(judge);
    for (at, one) in listeners.iter().enumerate() {
        for other in &listeners[at + 1..] {
            if !overlap(one.address, other.address) {
                continue;
            }
            let other_is_default = judge.draft.origin(&other.key) == Origin::Default;
            let (taker, holder) = if other_is_default { (one, other) } else { (other, one) };
            let fact = Fact { key: taker.key.clone(), value: taker.shown.clone() };
            let expected = format!("a port other than that of {}, which is {}", judge.said(&holder.key), holder.shown);
            let about: Vec<_> =
                [Some(&holder.key), one.host.as_ref(), other.host.as_ref()].into_iter().flatten().collect();
            judge.fault(
                Code::AddressTaken,
                fact,
                expected,
                "give it a port of its own; 0 lets the system choose",
                &about,
            );
        }
    }
}

/// Whoever can reach the admin listener from another machine has to show a token.
pub(super) fn an_open_admin_listener_has_a_token(judge: &mut Judge<'_>) {
    let admin = &judge.config.admin;
    let is_loopback = admin.listen.get().ip().to_canonical().is_loopback();
    if !is_loopback && admin.token.is_none() {
        let fact = Fact::text(&["admin", "listen"], &admin.listen);
        let token: KeyPath = ["admin", "token"].into_iter().collect();
        let expected = "a loopback address such as \"127.0.0.1:9091\", or `admin.token` beside it";
        let help = "add token = { file = \"/run/secrets/ops-admin\" } to `admin`";
        judge.fault(Code::TokenNeeded, fact, expected, help, &[&token]);
    }
}
