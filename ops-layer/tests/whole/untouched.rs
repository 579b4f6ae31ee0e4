//! An edit of one section leaves the state and the resources of the others alone.

use crate::service::{answer, get, Running};
use ops_config::reload::Outcome;
use ops_layer::breaker::CircuitState;
use proptest::{prelude::*, sample::Index, strategy::ValueTree, test_runner::TestRunner};
use sqlx::{Row, Sqlite};
use std::{convert::Infallible, fmt::Write};
use tower::ServiceExt;

/// One line for each thing that an edit may change, in two versions; none is about the things that are watched.
const EDITS: [[&str; 2]; 12] = [
    ["# a comment", "# another comment"],
    ["observability.sampling_rate = 0.1", "observability.sampling_rate = 0.9"],
    ["observability.logging.format = \"json\"", "observability.logging.format = \"pretty\""],
    ["limits.max_in_flight = 100", "limits.max_in_flight = 200"],
    ["limits.request_timeout = \"5s\"", "limits.request_timeout = \"6s\""],
    ["shutdown.timeout = \"10s\"", "shutdown.timeout = \"11s\""],
    ["probes.interval = \"2s\"", "probes.interval = \"3s\""],
    ["breakers.tripped.failure_threshold = 1", "breakers.tripped.failure_threshold = 9"],
    ["breakers.other.routes = [\"/other\"]", "breakers.other.routes = [\"/others\"]"],
    ["pools.main.max_connections = 5", "pools.main.max_connections = 6"],
    ["chaos.seed = 1", "chaos.seed = 2"],
    ["reload.poll_interval = \"5s\"", "reload.poll_interval = \"6s\""],
];

/// What is watched: an open circuit, and a table that lives in the memory of one pool.
const WATCHED: &str = "\
breakers.tripped.routes = [\"/tripped\"]
breakers.tripped.reset_timeout = \"1h\"
pools.main.url = \"sqlite::memory:\"
pools.main.min_connections = 1
";

fn file(versions: [usize; EDITS.len()]) -> String {
    let mut text = WATCHED.to_owned();
    for (edit, version) in EDITS.iter().zip(versions) {
        writeln!(text, "{}", edit[version]).expect("a string takes everything");
    }
    text
}

/// Feature: production-excellence, Property 22: a reload with no semantic difference for a section
/// leaves that section's resources and state untouched, through 120 edits of every other one.
#[test]
fn an_edit_elsewhere_keeps_the_circuit_the_pool_and_the_listeners() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut versions = [0; EDITS.len()];
        let running = Running::start(&file(versions)).await;
        trip(&running).await;
        remember(&running, 7).await;
        let before = Seen::of(&running).await;
        let mut picks = TestRunner::deterministic();
        for _ in 0..120 {
            let index = any::<Index>().new_tree(&mut picks).expect("an index").current().index(EDITS.len());
            versions[index] = 1 - versions[index];
            let generation = running.ops.config().generation();
            let outcome = running.save(&file(versions)).await;
            let expected = if index == 0 { generation } else { generation + 1 };
            assert_eq!(running.ops.config().generation(), expected, "{:?}: {outcome:?}", EDITS[index]);
            assert!(!matches!(outcome, Outcome::Rejected { .. }), "{outcome:?}");
            assert_eq!(Seen::of(&running).await, before, "after {:?}", EDITS[index]);
        }
    });
}

#[derive(Debug, PartialEq)]
struct Seen {
    state: CircuitState,
    remembered: i64,
    metrics: Option<std::net::SocketAddr>,
    admin: Option<std::net::SocketAddr>,
}

impl Seen {
    async fn of(running: &Running) -> Self {
        let pool = running.ops.pool::<Sqlite>("main").expect("it is configured");
        let mut connection = pool.acquire().await.expect("a connection");
        let row =
            sqlx::query("SELECT number FROM remembered").fetch_one(&mut *connection).await.expect("the table is there");
        Self {
            state: running.ops.breaker("tripped").expect("it is configured").state(),
            remembered: row.get(0),
            metrics: running.ops.metrics_address(),
            admin: running.ops.admin_address(),
        }
    }
}

/// Opens the circuit.
async fn trip(running: &Running) {
    let stack = running.around(|_| async { Ok::<_, Infallible>(answer(500)) });
    stack.oneshot(get("/tripped")).await.expect("infallible");
    assert_eq!(running.ops.breaker("tripped").expect("it is configured").state(), CircuitState::Open);
}

/// Writes into the memory of the pool, which is gone with it.
async fn remember(running: &Running, number: i64) {
    let pool = running.ops.pool::<Sqlite>("main").expect("it is configured");
    let mut connection = pool.acquire().await.expect("a connection");
    sqlx::query("CREATE TABLE remembered (number INTEGER)").execute(&mut *connection).await.expect("a table");
    sqlx::query("INSERT INTO remembered VALUES (?)").bind(number).execute(&mut *connection).await.expect("a row");
}
