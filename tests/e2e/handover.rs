//! Listeners that trade places in one save.

use ops_tests::{
    client::Client,
    service::{Service, QUIET, SOON},
    wait,
};
use std::net::SocketAddr;

/// The three listeners at these addresses, and one more line of `[observability]`.
fn at(server: SocketAddr, admin: SocketAddr, metrics: SocketAddr, rest: &str) -> String {
    format!(
        "version = 1\n[server]\nlisten = \"{server}\"\n[admin]\nlisten = \"{admin}\"\n[observability]\n\
         metrics_host = \"{}\"\nmetrics_port = {}\n{rest}\n",
        metrics.ip(),
        metrics.port()
    )
}

/// Which of the three answers there.
async fn who(address: SocketAddr) -> Option<&'static str> {
    for (path, name) in [("/ok", "server"), ("/config", "admin"), ("/metrics", "metrics")] {
        // A connection of its own: one from before may still be with whoever listened then.
        if Client::http1().get(address, path).await.ok()?.status.is_success() {
            return Some(name);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_listeners_trade_places_in_one_save() {
    let service = Service::start(QUIET).await;
    let [mut server, mut admin, mut metrics] = [service.server, service.admin, service.metrics];
    for turn in 0..6 {
        if turn % 2 == 0 {
            (server, admin, metrics) = (admin, metrics, server);
        } else {
            std::mem::swap(&mut admin, &mut metrics);
        }
        service.save_by_rename(&at(server, admin, metrics, ""));
        let places = [(server, "server"), (admin, "admin"), (metrics, "metrics")];
        for (address, name) in places {
            wait::until(name, SOON, || async { (who(address).await == Some(name)).then_some(()) }).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listeners_that_cannot_all_trade_places_stay_where_they_are() {
    let service = Service::start(QUIET).await;
    let [server, admin, metrics] = [service.server, service.admin, service.metrics];
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = other.local_addr().expect("bound");
    let unopened = "[pools.main]\nurl = \"sqlite:///no/such/folder/data.db\"";
    for text in [at(admin, taken, server, ""), at(admin, server, metrics, unopened)] {
        let outcome = service.reload_with(&text).await;
        assert_eq!(outcome["outcome"], "rejected", "{outcome}");
        assert_eq!(outcome["stage"], "build", "{outcome}");
        for (address, name) in [(server, "server"), (admin, "admin"), (metrics, "metrics")] {
            assert_eq!(who(address).await, Some(name));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_becomes_every_address_of_its_port_and_back() {
    let service = Service::start(QUIET).await;
    let [server, admin, metrics] = [service.server, service.admin, service.metrics];
    let everywhere = SocketAddr::from(([0, 0, 0, 0], metrics.port()));
    let aside = SocketAddr::from(([127, 0, 0, 3], metrics.port()));
    for _ in 0..3 {
        service.save_by_rename(&at(server, admin, everywhere, ""));
        wait::until("everywhere", SOON, || async { who(aside).await.filter(|name| *name == "metrics") }).await;
        service.save_by_rename(&at(server, admin, metrics, ""));
        wait::until("one address", SOON, || async { who(aside).await.is_none().then_some(()) }).await;
        assert_eq!(who(metrics).await, Some("metrics"));
    }
}
