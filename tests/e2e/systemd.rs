//! The service under a service manager: told how it is, given its sockets, and ended whenever.

use ops_tests::{
    outside,
    service::{Process, Service, QUIET, SOON},
    wait,
};
use rustix::process::Signal;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::{TcpListener, UnixDatagram},
    time::timeout,
};

/// What systemd is to a service: a socket that takes messages.
struct Manager(UnixDatagram);

impl Manager {
    /// The next message with these words; those without are passed over.
    async fn hears(&self, words: &str) -> String {
        let mut passed = Vec::new();
        let heard = async {
            loop {
                let mut bytes = [0; 1024];
                let length = self.0.recv(&mut bytes).await.expect("a message");
                let message = String::from_utf8_lossy(&bytes[..length]).into_owned();
                if message.contains(words) {
                    return message;
                }
                passed.push(message);
            }
        };
        let heard = timeout(SOON, heard).await;
        heard.unwrap_or_else(|_| panic!("no {words} but {passed:?}"))
    }

    async fn start(text: &str) -> (Self, Service) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let manager = Self(UnixDatagram::bind(&path).expect("a socket"));
        let variables = [("NOTIFY_SOCKET", path.to_str().expect("a path")), ("WATCHDOG_USEC", "200000")];
        let process = Process::spawn_in(folder, text, &variables);
        (manager, Service::of(process).await)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_manager_is_told_of_the_start_of_reloads_and_of_the_end() {
    let (manager, mut service) = Manager::start(QUIET).await;
    let ready = manager.hears("READY=1").await;
    assert!(ready.contains("STATUS=generation 1 is in force"), "{ready}");
    for _ in 0..3 {
        manager.hears("WATCHDOG=1").await;
    }

    service.save_by_rename(&format!("{QUIET}sampling_rate = 0.5\n"));
    let reloading = manager.hears("RELOADING=1").await;
    assert!(reloading.contains("MONOTONIC_USEC="), "{reloading}");
    assert!(manager.hears("READY=1").await.contains("generation 2"));

    // Asked to reload where nothing has changed, it has to say that it did.
    service.process.signal(Signal::HUP);
    manager.hears("RELOADING=1").await;
    assert!(manager.hears("READY=1").await.contains("generation 2 is in force\n"));

    std::fs::write(service.process.file(), format!("{QUIET}sampling_rate = 7\n")).expect("a file");
    service.process.signal(Signal::HUP);
    manager.hears("RELOADING=1").await;
    assert!(manager.hears("READY=1").await.contains("generation 2 is in force; the files hold a fault"));

    service.process.signal(Signal::TERM);
    let stopping = manager.hears("STOPPING=1").await;
    assert!(stopping.contains("EXTEND_TIMEOUT_USEC=31000000"), "{stopping}");
    assert_eq!(service.process.ended(SOON).await.code(), Some(0));
}

/// A pool whose database takes connections and says nothing.
fn silent_pool(address: SocketAddr) -> String {
    format!("[pools.silent]\nurl = \"postgres://user@{address}/data\"\nmin_connections = 1\nacquire_timeout = \"1m\"\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_ended_before_it_was_ready_ends_at_once_and_well() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let text = format!("{QUIET}{}", silent_pool(silent.local_addr().expect("bound")));
    let mut process = Process::spawn(&text);
    let (_held, _) = timeout(SOON, silent.accept()).await.expect("the pool opens").expect("a connection");
    process.signal(Signal::TERM);
    assert_eq!(process.ended(Duration::from_secs(2)).await.code(), Some(0));
    let said = process.said().join("\n");
    assert!(said.contains("SIGTERM before the start was over") && !said.contains("listening"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_ended_during_a_reload_drains_as_ever() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut service = Service::start(QUIET).await;
    let (client, server) = (service.client().clone(), service.server);
    let slow = tokio::spawn(async move { client.get(server, "/slow?ms=1500").await });
    service.save_by_rename(&format!("{QUIET}{}", silent_pool(silent.local_addr().expect("bound"))));
    let (_held, _) = timeout(SOON, silent.accept()).await.expect("the reload is under way").expect("a connection");
    wait::until("the request", SOON, || async {
        (service.scrape().await.sum("http_server_active_requests", &[]) >= 1.0).then_some(())
    })
    .await;
    service.process.signal(Signal::TERM);
    assert!(slow.await.expect("the task ends").is_ok_and(|answer| answer.text().contains("slow")));
    assert_eq!(service.process.ended(SOON).await.code(), Some(0));
    assert!(!service.process.log().iter().any(|line| line.contains("\"generation\":2")), "not half a reload");
}

/// Opens a socket on loopback for each name, and becomes the program with them, as systemd does.
const OPENS: &str = r#"
import os, socket, sys
names = sys.argv[1].split(":")
for at, name in enumerate(names):
    opened = socket.socket()
    opened.bind(("127.0.0.1", 0))
    opened.listen(128)
    print("given", name, "%s:%d" % opened.getsockname(), file=sys.stderr, flush=True)
    os.dup2(opened.fileno(), 50 + at)
for at in range(len(names)):
    os.dup2(50 + at, 3 + at, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(names)), LISTEN_FDNAMES=sys.argv[1])
os.execv(sys.argv[2], sys.argv[2:])
"#;

fn activated(names: &str, text: &str) -> Process {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ops.toml"), text).expect("a file");
    Process::spawn_by(folder, "ops.toml", &["python3", "-c", OPENS, names])
}

fn given(process: &Process, name: &str) -> SocketAddr {
    let words = format!("given {name} ");
    let line = process.said().iter().find_map(|line| line.strip_prefix(&words)?.parse().ok());
    line.unwrap_or_else(|| panic!("no socket {name}: {:?}", process.said()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_that_were_handed_over_are_served_and_found_again_after_a_move() {
    if !outside::is_here("python3") {
        return;
    }
    let service = Service::of(activated("admin:server", QUIET)).await;
    let server = given(&service.process, "server");
    assert_eq!((service.server, service.admin), (server, given(&service.process, "admin")));
    assert_eq!(service.get("/ok").await.expect("an answer").status, 200);

    let at = |address: &str| QUIET.replacen("127.0.0.1:0", address, 1);
    for (generation, address) in [(2, "127.0.0.2:0"), (3, &*server.to_string())] {
        service.save_by_rename(&at(address));
        service.config_once("the move", |config| config["generation"] == generation).await;
    }
    assert_eq!(service.get("/ok").await.expect("an answer").status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_nobody_would_serve_is_refused() {
    if !outside::is_here("python3") {
        return;
    }
    let mut process = activated("server", &QUIET.replacen("127.0.0.1:0", "127.0.0.2:0", 1));
    assert_eq!(process.ended(SOON).await.code(), Some(1));
    let said = process.said().join("\n");
    assert!(said.contains("server.listen") && said.contains("handed over for it is at 127.0.0.1:"), "{said}");
}
