//! What a new configuration does to a pool in use.

use super::{
    super::{registry::Managed, PoolError, PoolSnapshot, PoolsPlan},
    *,
};
use ops_config::{
    diagnostic::Code,
    value::{DatabaseKind, MASK},
};
use std::{
    future::{ready, Future},
    pin::Pin,
    sync::Arc,
};

#[tokio::test]
async fn a_pool_that_cannot_be_opened_names_its_key_and_leaves_nothing() {
    let pools = Pools::new();
    let both: BTreeMap<_, _> = [
        (name("good"), memory(0, 1)),
        (name("bad"), config("sqlite:///nowhere/at/all.db", 0, 1)),
        (name("worse"), config("sqlite://u:hunter2@x?mode=hunter2", 0, 1)),
    ]
    .into();
    let violations = pools.prepare(&both).await.expect_err("two cannot be opened");
    let keys: Vec<_> = violations.iter().map(|violation| violation.key.to_string()).collect();
    assert_eq!(keys, ["pools.bad.url", "pools.worse.url"]);
    assert!(violations.iter().all(|violation| violation.code == Code::PoolOpen));
    assert!(violations[0].expected.contains("unable to open database file"), "{}", violations[0]);
    assert!(violations[1].to_string().contains(MASK) && !violations[1].to_string().contains("hunter2"));
    assert!(pools.snapshot().is_empty());
    assert!(matches!(pools.get::<Sqlite>("good"), Err(PoolError::Unknown { .. })));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_before_anybody_reads_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("text.db");
    std::fs::write(&text, "long enough for the header of a database, and none\n".repeat(20)).expect("a file");
    let url = format!("sqlite://{}", text.display());
    let violations = Pools::new().prepare(&only(config(&url, 0, 1))).await.expect_err("cannot be read");
    assert!(violations[0].expected.contains("not a database"), "{}", violations[0]);
    eventually("nothing is open there", || open_files(&text) == 0).await;
}

#[tokio::test]
async fn what_was_staged_and_dropped_leaves_the_pool_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other.db");
    std::fs::write(&other, "").expect("an empty database");
    let (pools, pool) = started(memory(2, 4)).await;
    eventually("the minimum", || pool.snapshot().idle == 2).await;
    let url = format!("sqlite://{}", other.display());
    let (_, staged) = pools.prepare(&only(config(&url, 0, 9))).await.expect("can be opened");
    assert_eq!(open_files(&other), 1, "it was tried");
    drop(staged);
    eventually("nothing is open there", || open_files(&other) == 0).await;
    eventually("the count is as before", || pool.snapshot().total == 2).await;
    assert_eq!((pool.snapshot().min, pool.snapshot().max), (2, 4));
}

#[tokio::test]
async fn an_unchanged_pool_is_not_touched() {
    let (pools, pool) = started(memory(2, 4)).await;
    eventually("the minimum", || pool.snapshot().idle == 2).await;
    let epoch = pool.shared.lock().ledger.epoch();
    let (plan, staged) = pools.prepare(&only(memory(2, 4))).await.expect("nothing to open");
    assert!(staged.changes.is_empty());
    pools.commit(staged);
    let same = plan.get::<Sqlite>(MAIN).expect("in the plan");
    assert!(Arc::ptr_eq(&same.shared, &pool.shared));
    assert_eq!((pool.snapshot().total, pool.shared.lock().ledger.epoch()), (2, epoch));
}

#[tokio::test]
async fn a_lower_maximum_holds_at_once_and_cuts_nobody() {
    let (pools, pool) = started(memory(0, 4)).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(pool.acquire().await.expect("free"));
    }
    apply(&pools, PoolConfig { acquire_timeout: Period::literal(10), ..memory(0, 2) }).await;
    drop(held.pop());
    assert!(pool.acquire().await.is_err(), "three are in use, and two are allowed");
    for connection in &mut held {
        assert_eq!(scalar("SELECT 1").fetch_one(&mut **connection).await.expect("not cut"), 1);
    }
    drop(held.split_off(1));
    eventually("the surplus is closed", || pool.snapshot().total == 2).await;
    pool.acquire().await.expect("one of two is in use");
}

#[tokio::test]
async fn a_higher_maximum_serves_those_who_wait() {
    let (pools, pool) = started(memory(0, 1)).await;
    let _held = pool.acquire().await.expect("the only one");
    let waiting = tokio::spawn({
        let pool = pool.clone();
        async move { pool.acquire().await }
    });
    eventually("it waits", || pool.snapshot().pending == 1).await;
    apply(&pools, memory(0, 2)).await;
    waiting.await.expect("no panic").expect("room for it");
}

#[tokio::test]
async fn a_higher_minimum_is_filled_at_once_and_a_lower_one_after_the_idle_time() {
    let (pools, pool) = started(memory(1, 9)).await;
    apply(&pools, memory(5, 9)).await;
    eventually("the new minimum", || pool.snapshot().idle == 5).await;
    apply(&pools, PoolConfig { idle_timeout: Period::literal(100), ..memory(2, 9) }).await;
    eventually("the rest had its time", || pool.snapshot().total == 2).await;
}

#[tokio::test]
async fn a_connection_in_use_does_not_count_as_idle() {
    let (_pools, pool) = started(memory(3, 9)).await;
    let _held = pool.acquire().await.expect("free");
    eventually("three are idle beside it", || pool.snapshot().idle == 3).await;
    assert_eq!(pool.snapshot().total, 4);
}

#[tokio::test]
async fn the_data_in_memory_outlive_idle_times_and_new_bounds() {
    let short =
        |max| PoolConfig { idle_timeout: Period::literal(100), max_lifetime: Period::literal(1000), ..memory(0, max) };
    let (pools, pool) = started(short(4)).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(pool.acquire().await.expect("free"));
    }
    sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut *held[0]).await.expect("writes");
    drop(held);
    eventually("all but the last are closed", || pool.snapshot().total == 1).await;
    apply(&pools, short(1)).await;
    let mut later = pool.acquire().await.expect("free");
    assert_eq!(scalar("SELECT count(*) FROM t").fetch_one(&mut *later).await.expect("still there"), 0);
}

#[tokio::test]
async fn the_data_in_memory_outlive_an_address_that_is_tried() {
    let count = "SELECT count(*) FROM t";
    for (max, next) in [(1, 1), (2, 2), (1, 3)] {
        let (pools, pool) = started(memory(0, max)).await;
        let mut first = pool.acquire().await.expect("free");
        sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut *first).await.expect("writes");
        drop(first);
        eventually("it is back", || pool.snapshot().idle == 1).await;
        let wrong = config("sqlite:///nowhere/at/all.db", 0, next);
        pools.prepare(&only(wrong)).await.expect_err("cannot be opened");
        let mut later = pool.acquire().await.expect("free");
        assert_eq!(scalar(count).fetch_one(&mut *later).await.expect("still there"), 0);
        drop(later);

        // Used while the new address is ready and not yet in force, then dropped.
        eventually("it is back", || pool.snapshot().idle == 1).await;
        let (_, staged) = pools.prepare(&only(config("sqlite://?mode=memory", 0, next))).await.expect("can be opened");
        let mut between = pool.acquire().await.expect("free");
        assert_eq!(scalar(count).fetch_one(&mut *between).await.expect("still there"), 0);
        drop(between);
        eventually("it is back", || pool.snapshot().used == 0).await;
        drop(staged);
        eventually("the count is as before", || pool.snapshot().total == 1).await;
        let mut last = pool.acquire().await.expect("free");
        assert_eq!(scalar(count).fetch_one(&mut *last).await.expect("still there"), 0);
        drop(last);

        apply(&pools, config("sqlite://?mode=memory", 0, next)).await;
        eventually("only the new one is open", || pool.snapshot().total == 1).await;
        let mut fresh = pool.acquire().await.expect("free");
        scalar(count).fetch_one(&mut *fresh).await.expect_err("other data");
    }
}

#[tokio::test]
async fn an_old_connection_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display());
    let (_pools, pool) = started(PoolConfig { max_lifetime: Period::literal(1000), ..config(&url, 1, 2) }).await;
    let born = |pool: &Pool<Sqlite>| pool.shared.lock().births();
    let first = born(&pool);
    eventually("another one is there", || pool.snapshot().idle == 1 && born(&pool) != first).await;
}

#[tokio::test]
async fn a_removed_pool_closes_and_the_same_handle_works_when_it_is_back() {
    let (pools, pool) = started(memory(2, 4)).await;
    let held = pool.acquire().await.expect("free");
    let waits = tokio::spawn({
        let pool = pool.clone();
        async move {
            let mut all = Vec::new();
            loop {
                match pool.acquire().await {
                    Ok(connection) => all.push(connection),
                    Err(error) => return error,
                }
            }
        }
    });
    eventually("it waits for a fifth", || pool.snapshot().pending == 1).await;
    let (_, staged) = pools.prepare(&BTreeMap::new()).await.expect("nothing to open");
    pools.commit(staged);
    assert_eq!(waits.await.expect("no panic"), PoolError::Closed { pool: name(MAIN) });
    assert!(pools.get::<Sqlite>(MAIN).is_err());
    drop(held);
    eventually("all are closed", || pool.snapshot().total == 0).await;
    apply(&pools, memory(1, 2)).await;
    pool.acquire().await.expect("open again");
}

#[tokio::test]
async fn an_address_cannot_be_tried_while_all_are_in_use_and_says_so() {
    let (pools, pool) = started(PoolConfig { acquire_timeout: Period::literal(50), ..memory(0, 1) }).await;
    let held = pool.acquire().await.expect("the only one");
    tokio::time::pause();
    let next = PoolConfig { acquire_timeout: Period::literal(60), ..config("sqlite://?mode=memory", 0, 1) };
    let violations = pools.prepare(&only(next.clone())).await.expect_err("no room");
    assert!(violations[0].help.as_ref().is_some_and(|help| help.contains("max_connections")), "{}", violations[0]);
    tokio::time::resume();
    drop(held);
    apply(&pools, next).await;
    assert_eq!(pool.snapshot().max, 1);
}

#[tokio::test]
async fn closing_waits_for_those_in_use_until_the_deadline() {
    let (pools, pool) = started(memory(2, 4)).await;
    let held = pool.acquire().await.expect("free");
    let soon = tokio::time::Instant::now() + Duration::from_millis(20);
    assert_eq!(pools.close(soon).await, 1);
    assert_eq!(pool.acquire().await.expect_err("closed"), PoolError::Closed { pool: name(MAIN) });
    drop(held);
    assert_eq!(pools.close(tokio::time::Instant::now() + Duration::from_secs(10)).await, 0);
}

/// A pool of a kind of database that nobody asks for.
#[derive(Debug)]
struct Foreign(Name);

impl Managed for Foreign {
    fn pool_name(&self) -> &Name {
        &self.0
    }
    fn database(&self) -> &'static str {
        "Papyrus"
    }
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Postgres
    }
    fn snapshot(&self) -> PoolSnapshot {
        unreachable!("nobody asks")
    }
    fn close(&self) {}
    fn drained(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(ready(()))
    }
    fn ping(&self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + '_>> {
        Box::pin(ready(Ok(())))
    }
}

#[test]
fn a_pool_of_another_database_is_refused() {
    let foreign: Arc<dyn Managed> = Arc::new(Foreign(name(MAIN)));
    let plan = PoolsPlan { pools: [(name(MAIN), foreign)].into() };
    assert!(matches!(plan.get::<Sqlite>("nope"), Err(PoolError::Unknown { .. })));
    let error = plan.get::<Sqlite>(MAIN).expect_err("another kind");
    assert_eq!(error.to_string(), "pool main opens Papyrus, not SQLite");
}

#[tokio::test]
async fn names_that_are_not_there_are_refused() {
    let (pools, _pool) = started(memory(0, 1)).await;
    let unknown = PoolError::Unknown { name: "nope".to_owned() };
    assert_eq!(pools.get::<Sqlite>("nope").expect_err("not there"), unknown);
    assert_eq!(pools.ping("nope").await, Err(unknown.to_string()));
    assert_eq!(pools.ping(MAIN).await, Ok(()));
}
