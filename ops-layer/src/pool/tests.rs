//! The pool against its promises, on `SQLite`.

mod bounds;
mod ledger;
mod loans;
mod proof;
mod reload;
mod trust;
mod turns;

use super::{Pool, Pools};
use ops_config::{
    section::PoolConfig,
    value::{Count, DatabaseUrl, Name, Period},
};
use sqlx::Sqlite;
use std::{collections::BTreeMap, path::Path, time::Duration};
use tokio::time::{sleep, timeout};

const MAIN: &str = "main";

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn config(url: &str, min: u64, max: u64) -> PoolConfig {
    PoolConfig {
        url: DatabaseUrl::inline(url),
        min_connections: Count::try_from(min).expect("in range"),
        max_connections: Count::try_from(max).expect("in range"),
        acquire_timeout: Period::literal(10_000),
        ..PoolConfig::default()
    }
}

fn memory(min: u64, max: u64) -> PoolConfig {
    config("sqlite::memory:", min, max)
}

fn only(config: PoolConfig) -> BTreeMap<Name, PoolConfig> {
    [(name(MAIN), config)].into()
}

async fn apply(pools: &Pools, config: PoolConfig) {
    let (_, staged) = pools.prepare(&only(config)).await.expect("can be opened");
    pools.commit(staged);
}

async fn started(config: PoolConfig) -> (Pools, Pool<Sqlite>) {
    let pools = Pools::new();
    apply(&pools, config).await;
    let pool = pools.get::<Sqlite>(MAIN).expect("just configured");
    (pools, pool)
}

/// Waits for what will be so in a moment; the time only bounds how long a failure takes to show.
async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let patience = timeout(Duration::from_secs(10), async {
        while !is_so() {
            sleep(Duration::from_micros(200)).await;
        }
    });
    assert!(patience.await.is_ok(), "never so: {what}");
}

/// How many connections this process has to a file, by the system's own count.
fn open_files(path: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return 0 };
    entries.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok()).filter(|target| target == path).count()
}

fn scalar(text: &'static str) -> sqlx::query::QueryScalar<'static, Sqlite, i64, sqlx::sqlite::SqliteArguments> {
    sqlx::query_scalar(text)
}
