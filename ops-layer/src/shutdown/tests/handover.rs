//! Listeners that change together, on real sockets.

use super::{
    super::{reserve, Bound, ListenerSlot, Reserved},
    listen::{any, client, serving},
    *,
};
use std::{
    io::ErrorKind,
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};
use tokio::net::TcpStream;

/// A slot whose service answers its own name.
async fn named(name: &'static str) -> (ListenerSlot, Connections) {
    let connections = Connections::new();
    let (slot, incoming) = ListenerSlot::new(name);
    let service =
        move |_| async move { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(name.as_bytes())))) };
    connections.serve(incoming, tower::service_fn(service));
    change(&[(&slot, any())]).await;
    (slot, connections)
}

/// Moves all at once, as a reload does.
async fn change(moves: &[(&ListenerSlot, SocketAddr)]) {
    let places = reserve(moves).await.into_iter().map(|place| place.expect("free, or left by one of them"));
    let bound: Vec<_> = places.map(|place| place.map(|place| place.listen().expect("ours"))).collect();
    for ((slot, _), bound) in moves.iter().zip(bound) {
        if let Some(bound) = bound {
            slot.commit(bound);
        }
    }
}

async fn who_answers_at(address: SocketAddr) -> String {
    let stream = TcpStream::connect(address).await.expect("somebody listens");
    let (mut client, _task) = Client::speak(stream, false).await;
    client.get("/").await.expect("served").1
}

fn address(slot: &ListenerSlot) -> SocketAddr {
    slot.local_addr().expect("bound")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_listeners_swap_their_addresses_and_no_client_meets_the_one_that_left() {
    let ((one, _one), (two, _two)) = (named("one").await, named("two").await);
    let [mut first, mut second] = [address(&one), address(&two)];
    for _ in 0..50 {
        std::mem::swap(&mut first, &mut second);
        change(&[(&one, first), (&two, second)]).await;
        assert_eq!([address(&one), address(&two)], [first, second]);
        for _ in 0..4 {
            assert_eq!(who_answers_at(first).await, "one");
            assert_eq!(who_answers_at(second).await, "two");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_changes_hands_is_never_closed() {
    let ((one, _one), (two, _two)) = (named("one").await, named("two").await);
    let addresses = [address(&one), address(&two)];
    let answered = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&answered);
    let asked = tokio::spawn(async move {
        for number in 0..400 {
            let name = who_answers_at(addresses[number % 2]).await;
            assert!(["one", "two"].contains(&name.as_str()));
            counted.fetch_add(1, Relaxed);
        }
    });
    let mut round = 0;
    while !asked.is_finished() {
        round += 1;
        let before = answered.load(Relaxed);
        change(&[(&one, addresses[round % 2]), (&two, addresses[(round + 1) % 2])]).await;
        while answered.load(Relaxed) == before && !asked.is_finished() {
            tokio::task::yield_now().await;
        }
    }
    asked.await.expect("every connection was taken and answered");
    assert!(round > 10);
}

#[tokio::test]
async fn requests_under_way_stay_with_the_service_that_took_them() {
    let ((one, one_connections), (two, _two)) = (serving().await, named("two").await);
    let (mut busy, busy_task) = client(&one, false).await;
    let under_way = tokio::spawn(busy.get("/300/5"));
    while one_connections.in_flight() == 0 {
        tokio::task::yield_now().await;
    }
    let [first, second] = [address(&one), address(&two)];
    change(&[(&one, second), (&two, first)]).await;
    assert_eq!(who_answers_at(first).await, "two");
    assert_eq!(under_way.await.expect("no panic").expect("not cut").1, ".....");
    busy_task.await.expect("then it closes");
}

#[tokio::test]
async fn a_change_that_is_given_up_leaves_both_where_they_are() {
    let ((one, _one), (two, _two)) = (named("one").await, named("two").await);
    let [first, second] = [address(&one), address(&two)];
    for listens in [false, true] {
        let places = reserve(&[(&one, second), (&two, first)]).await;
        let places: Vec<_> = places.into_iter().map(|place| place.expect("theirs").expect("another")).collect();
        let bound: Vec<_> = places.into_iter().filter(|_| listens).map(Reserved::listen).collect();
        assert_eq!((who_answers_at(first).await, who_answers_at(second).await), ("one".to_owned(), "two".to_owned()));
        drop(bound);
        assert_eq!((who_answers_at(first).await, who_answers_at(second).await), ("one".to_owned(), "two".to_owned()));
    }
}

#[tokio::test]
async fn an_address_that_its_listener_keeps_is_refused() {
    let ((one, _one), (two, _two)) = (named("one").await, named("two").await);
    let [first, second] = [address(&one), address(&two)];
    // The second keeps its own: it was chosen by the system, and is asked for in the same words again.
    let mut places = reserve(&[(&one, second), (&two, any())]).await;
    assert!(places.pop().expect("two").expect("nothing to do").is_none());
    assert_eq!(places.pop().expect("two").expect_err("kept").kind(), ErrorKind::AddrInUse);
    let everywhere = SocketAddr::from(([0, 0, 0, 0], second.port()));
    let mut places = reserve(&[(&one, everywhere), (&two, any())]).await;
    assert_eq!(places.swap_remove(0).expect_err("kept").kind(), ErrorKind::AddrInUse);
    assert_eq!((who_answers_at(first).await, who_answers_at(second).await), ("one".to_owned(), "two".to_owned()));
}

#[tokio::test]
async fn an_overlapping_address_that_another_leaves_is_taken_and_closed_with_it() {
    let ((one, _one), (two, _two)) = (named("one").await, named("two").await);
    let [first, second] = [address(&one), address(&two)];
    let everywhere = SocketAddr::from(([0, 0, 0, 0], second.port()));
    change(&[(&one, everywhere), (&two, first)]).await;
    let refused = Bound::bind(second).expect_err("not shared with others");
    assert_eq!(refused.kind(), ErrorKind::AddrInUse);
    assert_eq!(who_answers_at(([127, 0, 0, 9], second.port()).into()).await, "one");
    // And back, while the door between them is only about to close.
    change(&[(&one, first), (&two, second)]).await;
    assert_eq!((who_answers_at(first).await, who_answers_at(second).await), ("one".to_owned(), "two".to_owned()));
    let elsewhere = TcpStream::connect(SocketAddr::from(([127, 0, 0, 9], second.port()))).await;
    assert_eq!(elsewhere.expect_err("nobody listens there").kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn no_client_comes_to_an_overlapping_address_before_it_is_listened_on() {
    let (one, _one) = named("one").await;
    let first = address(&one);
    change(&[(&one, ([0, 0, 0, 0], first.port()).into())]).await;
    let place = one.reserve(first).await.expect("ours").expect("another address");
    assert_eq!(who_answers_at(first).await, "one", "not lost with a change that is given up");
    drop(place);
    assert_eq!(who_answers_at(first).await, "one");
}

#[tokio::test]
async fn the_port_the_system_chose_can_be_written_down() {
    let (one, _one) = named("one").await;
    let chosen = address(&one);
    change(&[(&one, chosen)]).await;
    assert_eq!(who_answers_at(chosen).await, "one");
    assert!(one.reserve(chosen).await.expect("nothing to do").is_none());
}

#[tokio::test]
async fn who_listens_first_wins() {
    let (one, _one) = named("one").await;
    let free = Bound::bind(any()).expect("a port").local_addr();
    let [first, second] = [one.reserve(free).await, one.reserve(free).await];
    let [first, second] = [first, second].map(|place| place.expect("nobody listens").expect("another address"));
    let bound = first.listen().expect("nobody listens");
    assert_eq!(second.listen().expect_err("somebody listens").kind(), ErrorKind::AddrInUse);
    drop(bound);
}

#[tokio::test]
async fn back_at_its_address_before_it_serves_a_listener_answers_who_waited_there() {
    let (slot, incoming) = ListenerSlot::new("one");
    change(&[(&slot, any())]).await;
    let first = address(&slot);
    let waiting = TcpStream::connect(first).await.expect("somebody listens");
    change(&[(&slot, any())]).await;
    let second = address(&slot);
    change(&[(&slot, first)]).await;
    change(&[(&slot, second)]).await;
    change(&[(&slot, first)]).await;
    assert_eq!(address(&slot), first);
    let connections = Connections::new();
    connections.serve(incoming, tower::service_fn(super::answer));
    let (mut client, _task) = Client::speak(waiting, false).await;
    assert_eq!(client.get("/").await.expect("served").1, "done");
    assert_eq!(who_answers_at(first).await, "done");
}
