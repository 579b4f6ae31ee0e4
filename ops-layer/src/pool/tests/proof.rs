//! The first connection to an address.

use super::*;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_database_that_never_answers_is_told_of_in_time_and_beside_other_faults() {
    // The system takes connections for it, and nobody ever reads.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("it has one");
    let patient = |url: &str| PoolConfig { acquire_timeout: Period::literal(600_000), ..config(url, 0, 1) };
    let all: BTreeMap<_, _> = [
        (name("maria"), patient(&format!("mysql://app:hunter2@{address}/shop"))),
        (name("silent"), patient(&format!("postgres://app:hunter2@{address}/shop"))),
        (name("wrong"), patient("postgres://app:hunter2@db:99999/shop")),
    ]
    .into();
    let begin = Instant::now();
    let violations = Pools::new().prepare(&all).await.expect_err("none can be opened");
    assert!(begin.elapsed() < Duration::from_secs(11), "{:?}: the build would be given up first", begin.elapsed());
    let keys: Vec<_> = violations.iter().map(|violation| violation.key.to_string()).collect();
    assert_eq!(keys, ["pools.maria.url", "pools.silent.url", "pools.wrong.url"]);
    assert!(violations[..2].iter().all(|violation| violation.expected.contains("no connection within 10.0s")));
    assert!(violations.iter().all(|violation| !violation.to_string().contains("hunter2")), "{violations:?}");
}

#[tokio::test]
async fn room_that_is_given_back_ends_the_wait_of_a_pool_that_closes() {
    let (pools, pool) = started(memory(0, 4)).await;
    let room = pool.shared.reserve(4).await.expect("there is room");
    let closing = tokio::spawn(async move { pools.close(Instant::now() + Duration::from_mins(1)).await });
    eventually("only the room is left", || pool.snapshot().total == 1).await;
    for _ in 0..10 {
        // It has seen that, and waits.
        tokio::task::yield_now().await;
    }
    drop(room);
    let left = timeout(Duration::from_secs(10), closing).await.expect("it is woken").expect("no panic");
    assert_eq!(left, 0);
}
