//! One turn: acquire, use, give back.

use super::{
    super::{PoolError, Trust},
    *,
};
use futures_util::FutureExt;
use sqlx::Connection;

#[tokio::test]
async fn a_connection_that_was_not_used_is_back_at_once() {
    let (_pools, pool) = started(memory(1, 1)).await;
    for _ in 0..100 {
        let connection = pool.acquire().await.expect("the only one");
        assert_eq!(pool.snapshot().used, 1);
        drop(connection);
        assert_eq!((pool.snapshot().idle, pool.snapshot().used), (1, 0));
    }
    let waits = pool.snapshot().waits;
    assert_eq!((waits.count, waits.buckets[0]), (100, 100));
}

#[tokio::test]
async fn a_turn_allocates_nothing() {
    let (_pools, pool) = started(memory(1, 2)).await;
    let turn = || drop(pool.acquire().now_or_never().expect("at once").expect("free"));
    turn();
    let turns = allocation_counter::measure(|| (0..100).for_each(|_| turn()));
    assert_eq!(turns.count_total, 0);
}

#[tokio::test]
async fn the_connections_of_one_pool_share_a_database_in_memory() {
    let (_pools, pool) = started(memory(0, 4)).await;
    let mut one = pool.acquire().await.expect("free");
    let mut other = pool.acquire().await.expect("free");
    sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut *one).await.expect("writes");
    sqlx::query("INSERT INTO t VALUES (7)").execute(&mut *other).await.expect("the table is there");
    assert_eq!(scalar("SELECT n FROM t").fetch_one(&mut *one).await.expect("the row is there"), 7);

    let (_others, elsewhere) = started(memory(0, 1)).await;
    let mut stranger = elsewhere.acquire().await.expect("free");
    assert!(scalar("SELECT n FROM t").fetch_one(&mut *stranger).await.is_err(), "another pool, another database");
}

#[tokio::test]
async fn a_pool_of_sqlx_has_the_address_and_bounds_in_force() {
    let (pools, pool) = started(memory(0, 3)).await;
    let mut own = pool.acquire().await.expect("free");
    sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut *own).await.expect("writes");
    let theirs = pool.to_sqlx().expect("it is open");
    assert_eq!(theirs.options().get_max_connections(), 3);
    assert_eq!(scalar("SELECT count(*) FROM t").fetch_one(&theirs).await.expect("the table is there"), 0);
    theirs.close().await;
    drop(own);
    assert_eq!(pools.close(tokio::time::Instant::now() + Duration::from_secs(10)).await, 0);
    assert_eq!(pool.to_sqlx().expect_err("closed"), PoolError::Closed { pool: name(MAIN) });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_beside_a_writer_wait_and_do_not_fail() {
    let (_pools, pool) = started(memory(2, 8)).await;
    let mut first = pool.acquire().await.expect("free");
    sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut *first).await.expect("writes");
    drop(first);
    let mut tasks = tokio::task::JoinSet::new();
    for at in 0..8_i64 {
        let pool = pool.clone();
        tasks.spawn(async move {
            for _ in 0..20 {
                let mut connection = pool.acquire().await.expect("in time");
                if at % 2 == 0 {
                    sqlx::query("INSERT INTO t VALUES (?)").bind(at).execute(&mut *connection).await.expect("writes");
                } else {
                    scalar("SELECT count(*) FROM t").fetch_one(&mut *connection).await.expect("reads");
                }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no query fails");
    }
    let mut last = pool.acquire().await.expect("free");
    assert_eq!(scalar("SELECT count(*) FROM t").fetch_one(&mut *last).await.expect("reads"), 80);
}

#[tokio::test]
async fn a_reader_beside_an_open_transaction_waits_for_its_end() {
    let (_pools, pool) = started(memory(2, 2)).await;
    let mut writer = pool.acquire().await.expect("free");
    sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut *writer).await.expect("writes");
    let mut transaction = writer.begin().await.expect("begins");
    sqlx::query("INSERT INTO t VALUES (1)").execute(&mut *transaction).await.expect("writes");
    let reading = tokio::spawn({
        let pool = pool.clone();
        async move {
            let mut reader = pool.acquire().await.expect("free");
            scalar("SELECT count(*) FROM t").fetch_one(&mut *reader).await
        }
    });
    // Time to fail, should it not wait.
    sleep(Duration::from_millis(20)).await;
    transaction.commit().await.expect("commits");
    assert_eq!(reading.await.expect("no panic").expect("waits"), 1);
}

#[tokio::test]
async fn no_connection_in_time_is_an_error_that_says_so() {
    let (_pools, pool) = started(PoolConfig { acquire_timeout: Period::literal(20), ..memory(0, 1) }).await;
    let held = pool.acquire().await.expect("the only one");
    let error = pool.acquire().await.expect_err("it is held");
    assert!(matches!(&error, PoolError::Timeout { waited, .. } if *waited >= Duration::from_millis(20)), "{error}");
    let snapshot = pool.snapshot();
    assert_eq!((snapshot.timeouts, snapshot.pending, snapshot.total), (1, 0, 1));
    drop(held);
    pool.acquire().await.expect("it is back");
}

#[tokio::test]
async fn those_who_wait_are_served_in_their_order() {
    let (_pools, pool) = started(memory(0, 1)).await;
    let held = pool.acquire().await.expect("the only one");
    let (served, mut order) = tokio::sync::mpsc::unbounded_channel();
    let mut tasks = tokio::task::JoinSet::new();
    for at in 0..10_u32 {
        let (waiting, pool, served) = (pool.clone(), pool.clone(), served.clone());
        tasks.spawn(async move {
            let connection = waiting.acquire().await.expect("in time");
            served.send(at).expect("the test listens");
            drop(connection);
        });
        eventually("it waits", || pool.snapshot().pending == at + 1).await;
    }
    drop(held);
    for at in 0..10 {
        assert_eq!(order.recv().await, Some(at));
    }
    while tasks.join_next().await.is_some() {}
}

#[tokio::test]
async fn a_caller_that_gives_up_leaves_no_hole() {
    let (_pools, pool) = started(memory(0, 1)).await;
    let held = pool.acquire().await.expect("the only one");
    let gone = tokio::spawn({
        let pool = pool.clone();
        async move { pool.acquire().await }
    });
    eventually("it waits", || pool.snapshot().pending == 1).await;
    gone.abort();
    assert!(gone.await.is_err());
    assert_eq!(pool.snapshot().pending, 0);
    drop(held);
    pool.acquire().await.expect("it went to nobody else");
}

#[tokio::test]
async fn a_transaction_that_was_dropped_is_rolled_back_before_the_next_user() {
    let (_pools, pool) = started(memory(1, 1)).await;
    let mut connection = pool.acquire().await.expect("free");
    sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut *connection).await.expect("writes");
    {
        let mut transaction = connection.begin().await.expect("begins");
        sqlx::query("INSERT INTO t VALUES (1)").execute(&mut *transaction).await.expect("writes");
    }
    drop(connection);
    let mut next = pool.acquire().await.expect("free");
    assert!(!next.is_in_transaction());
    assert_eq!(scalar("SELECT count(*) FROM t").fetch_one(&mut *next).await.expect("reads"), 0);
}

#[tokio::test]
async fn a_transaction_that_was_leaked_costs_the_connection() {
    let (_pools, pool) = started(memory(2, 2)).await;
    let mut connection = pool.acquire().await.expect("free");
    std::mem::forget(connection.begin().await.expect("begins"));
    drop(connection);
    eventually("it is closed and replaced", || pool.snapshot().idle == 2).await;
    // Both at once: one after the other would be the same one twice.
    let both = [pool.acquire().await.expect("free"), pool.acquire().await.expect("free")];
    assert!(both.iter().all(|connection| !connection.is_in_transaction()));
}

/// Its connection is dropped, and busy for a while yet.
async fn give_up_on_a_query(pool: &Pool<Sqlite>) {
    let long =
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000000) SELECT count(*) FROM c";
    let mut connection = pool.acquire().await.expect("free");
    let query = scalar(long).fetch_one(&mut *connection);
    tokio::select! {
        biased;
        _ = query => panic!("the query takes longer than that"),
        () = sleep(Duration::from_millis(5)) => {}
    }
}

#[tokio::test]
async fn a_query_that_runs_on_costs_its_own_connection_and_the_trust_in_no_other() {
    let (_pools, pool) = started(memory(2, 4)).await;
    eventually("the minimum", || pool.snapshot().idle == 2).await;
    give_up_on_a_query(&pool).await;
    eventually("the minimum beside it", || pool.snapshot().idle == 2).await;
    tokio::time::pause();
    // Nothing else is to be done: the clock runs ahead to where patience with it ends.
    sleep(Duration::from_secs(6)).await;
    assert_eq!(pool.snapshot().used, 0, "it is being closed");
    tokio::time::resume();
    let state = pool.shared.lock();
    assert_eq!((state.trust, state.is_troubled), (Trust::new(false), false));
}

#[tokio::test]
async fn a_cancelled_query_does_not_meet_the_next_user() {
    let (_pools, pool) = started(memory(1, 1)).await;
    give_up_on_a_query(&pool).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
        let snapshot = pool.snapshot();
        assert_eq!((snapshot.idle, snapshot.used), (0, 1), "still busy, so still in use");
    }
    let mut next = pool.acquire().await.expect("as soon as it has ended");
    assert_eq!(scalar("SELECT 1").fetch_one(&mut *next).await.expect("answers at once"), 1);
}

#[tokio::test]
async fn a_database_that_goes_away_is_named_as_the_cause() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gone.db");
    let url = format!("sqlite://{}", file.display());
    std::fs::write(&file, "").expect("an empty database");
    let (_pools, pool) = started(PoolConfig { acquire_timeout: Period::literal(200), ..config(&url, 0, 2) }).await;
    let held = pool.acquire().await.expect("the first one");
    std::fs::remove_file(&file).expect("is there");
    let error = pool.acquire().await.expect_err("there is nothing to open");
    assert!(error.to_string().contains("unable to open database file"), "{error}");
    std::fs::write(&file, "").expect("an empty database");
    // Back, and found without any help, though not before the rest after a failure is over.
    while pool.acquire().await.is_err() {}
    drop(held);
}
