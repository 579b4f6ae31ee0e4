//! Listeners, on real sockets.

use super::{
    super::{Bound, GracefulShutdown, ListenerSlot, Signal, Signals},
    *,
};
use std::{io::ErrorKind, net::SocketAddr};
use tokio::net::{TcpListener, TcpStream};

pub(super) fn any() -> SocketAddr {
    "127.0.0.1:0".parse().expect("an address")
}

/// The slot's next address, which nothing keeps from it.
async fn next(slot: &ListenerSlot, address: SocketAddr) -> Bound {
    let place = slot.reserve(address).await.expect("a free address").expect("another address");
    place.listen().expect("nobody came between")
}

/// A slot that is served, and the connections it is served by.
pub(super) async fn serving() -> (ListenerSlot, Connections) {
    let connections = Connections::new();
    let (slot, incoming) = ListenerSlot::new("test");
    connections.serve(incoming, tower::service_fn(answer));
    let bound = next(&slot, any()).await;
    slot.commit(bound);
    (slot, connections)
}

pub(super) async fn client(slot: &ListenerSlot, is_h2: bool) -> (Client, JoinHandle<()>) {
    let stream = TcpStream::connect(slot.local_addr().expect("bound")).await.expect("accepts");
    Client::speak(stream, is_h2).await
}

#[tokio::test]
async fn both_protocols_are_served_on_one_port() {
    let (slot, _connections) = serving().await;
    for is_h2 in [false, true] {
        let (mut client, _task) = client(&slot, is_h2).await;
        assert_eq!(client.get("/0/3").await.expect("served"), (200, "...".to_owned(), false));
    }
}

#[tokio::test]
async fn a_new_address_takes_over_and_the_old_one_drains() {
    for is_h2 in [false, true] {
        let (slot, connections) = serving().await;
        let before = slot.local_addr().expect("bound");
        let (mut busy, busy_task) = client(&slot, is_h2).await;
        let (mut idle, idle_task) = client(&slot, is_h2).await;
        idle.get("/0").await.expect("served");
        let under_way = tokio::spawn(busy.get("/300/20"));
        while connections.in_flight() == 0 {
            tokio::task::yield_now().await;
        }

        let bound = next(&slot, "127.0.0.2:0".parse().expect("an address")).await;
        assert_eq!(slot.local_addr(), Some(before), "nothing has changed yet");
        slot.commit(bound);
        let (mut fresh, _task) = client(&slot, is_h2).await;
        assert_eq!(fresh.get("/0").await.expect("served").0, 200);

        idle_task.await.expect("idle ones close at once");
        assert!(!under_way.is_finished(), "and the others go on");
        let (status, body, _) = under_way.await.expect("no panic").expect("not cut");
        assert_eq!((status, body.len()), (200, 20));
        busy_task.await.expect("then they close");
        assert!(TcpStream::connect(before).await.is_err(), "nobody listens there");
        assert_eq!(fresh.get("/0").await.expect("still served").0, 200);
    }
}

#[tokio::test]
async fn the_address_in_force_is_not_bound_again() {
    let (slot, _connections) = serving().await;
    assert!(slot.reserve(any()).await.expect("nothing to do").is_none());
}

#[tokio::test]
async fn what_is_bound_and_dropped_leaves_nothing() {
    let (slot, _connections) = serving().await;
    let bound = next(&slot, "127.0.0.2:0".parse().expect("an address")).await;
    let address = bound.local_addr();
    drop(bound);
    Bound::bind(address).expect("free again");
    let (mut client, _task) = client(&slot, false).await;
    assert_eq!(client.get("/0").await.expect("served").0, 200);
}

#[tokio::test]
async fn a_port_of_somebody_else_is_refused() {
    let (slot, _connections) = serving().await;
    let other = TcpListener::bind(any()).await.expect("a port");
    let error = slot.reserve(other.local_addr().expect("bound")).await.expect_err("in use");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert_eq!(Bound::bind(other.local_addr().expect("bound")).expect_err("in use").kind(), ErrorKind::AddrInUse);
}

#[tokio::test]
async fn an_overlapping_address_on_the_same_port_takes_over() {
    let (slot, _connections) = serving().await;
    let port = slot.local_addr().expect("bound").port();
    let everywhere: SocketAddr = ([0, 0, 0, 0], port).into();
    let bound = next(&slot, everywhere).await;
    assert_eq!(Bound::bind(everywhere).expect_err("not shared with another one of us").kind(), ErrorKind::AddrInUse);
    slot.commit(bound);
    let there: SocketAddr = ([127, 0, 0, 3], port).into();
    let stream = TcpStream::connect(there).await.expect("accepts everywhere");
    let (mut client, _task) = Client::speak(stream, false).await;
    assert_eq!(client.get("/0").await.expect("served").0, 200);

    let back: SocketAddr = ([127, 0, 0, 1], port).into();
    let bound = next(&slot, back).await;
    slot.commit(bound);
    assert_eq!(slot.local_addr(), Some(back));
}

#[tokio::test]
async fn back_and_forth_between_two_addresses_always_works() {
    let (slot, _connections) = serving().await;
    let free =
        |host: [u8; 4]| SocketAddr::from((host, Bound::bind((host, 0).into()).expect("a port").local_addr().port()));
    let both = [free([127, 0, 0, 4]), free([127, 0, 0, 5])];
    for round in 0..20 {
        let bound = next(&slot, both[round % 2]).await;
        slot.commit(bound);
        let (mut client, _task) = client(&slot, false).await;
        assert_eq!(client.get("/0").await.expect("served").0, 200);
    }
}

#[tokio::test]
async fn a_connection_the_kernel_took_is_served_though_draining_has_begun() {
    let connections = Connections::new();
    let (slot, incoming) = ListenerSlot::new("test");
    slot.commit(next(&slot, any()).await);
    let address = slot.local_addr().expect("bound");
    let (mut client, _task) = client(&slot, false).await;
    let under_way = tokio::spawn(client.get("/0"));
    connections.serve(incoming, tower::service_fn(answer));
    connections.drain();
    assert_eq!(under_way.await.expect("no panic").expect("served").0, 200);
    connections.finished().await;
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_long_queue_of_the_kernel_is_served_to_the_last() {
    use std::io::{Read, Write};
    const WAITING: usize = 300;
    let connections = Connections::new();
    let (slot, incoming) = ListenerSlot::new("test");
    slot.commit(next(&slot, any()).await);
    let address = slot.local_addr().expect("bound");
    // No await up to the drain: the runtime cannot have heard of any of them.
    let queue: Vec<_> = (0..WAITING)
        .map(|_| {
            let mut stream = std::net::TcpStream::connect(address).expect("the kernel accepts");
            stream.write_all(b"GET /0 HTTP/1.1\r\nhost: test\r\n\r\n").expect("written");
            stream
        })
        .collect();
    connections.serve(incoming, tower::service_fn(answer));
    connections.drain();
    must_end("the queue", connections.finished()).await;
    let served = queue.into_iter().filter(|mut stream| {
        let mut text = String::new();
        stream.read_to_string(&mut text).is_ok() && text.starts_with("HTTP/1.1 200")
    });
    assert_eq!(served.count(), WAITING);
}

#[tokio::test]
async fn a_released_address_is_free() {
    let (slot, _connections) = serving().await;
    let address = slot.local_addr().expect("bound");
    slot.release();
    assert_eq!(slot.local_addr(), None);
    let bound = next(&slot, address).await;
    slot.commit(bound);
    let (mut client, _task) = client(&slot, false).await;
    assert_eq!(client.get("/0").await.expect("served").0, 200);
}

#[tokio::test]
async fn a_service_that_fails_closes_the_connection_without_a_response() {
    let connections = Connections::new();
    let (slot, incoming) = ListenerSlot::new("test");
    let fails = |_: Request<Incoming>| async { Err::<Response<Body>, _>(std::io::Error::other("dropped by chaos")) };
    connections.serve(incoming, tower::service_fn(fails));
    slot.commit(next(&slot, any()).await);
    let (mut client, task) = client(&slot, false).await;
    assert!(client.get("/0").await.is_err());
    task.await.expect("closed");
}

#[tokio::test]
async fn after_the_end_nobody_listens() {
    let shutdown = GracefulShutdown::new();
    let mut slots = Vec::new();
    for connections in [shutdown.traffic(), shutdown.side()] {
        let (slot, incoming) = ListenerSlot::new("test");
        connections.serve(incoming, tower::service_fn(answer));
        slot.commit(next(&slot, any()).await);
        client(&slot, false).await.0.get("/0").await.expect("served");
        slots.push((slot.local_addr().expect("bound"), slot));
    }
    shutdown.shutdown(&config("10s", "0s"), &mut Recorder::default(), pending()).await;
    for (address, _slot) in slots {
        assert_eq!(TcpStream::connect(address).await.expect_err("closed").kind(), ErrorKind::ConnectionRefused);
    }
}

#[tokio::test]
async fn both_signals_are_heard_and_none_is_lost() {
    use rustix::process::{getpid, kill_process, Signal as Raw};
    let mut signals = Signals::listen().expect("the system lets us");
    for (raw, heard) in [(Raw::TERM, Signal::Terminate), (Raw::INT, Signal::Interrupt)] {
        kill_process(getpid(), raw).expect("ourselves");
        assert_eq!(signals.next().await, heard);
    }
}
