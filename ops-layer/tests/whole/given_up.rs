//! What cannot be built leaves no task behind.

use crate::service::Running;
use ops_config::reload::Outcome;
use std::time::Duration;
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

/// How many are rejected between the two counts.
const REJECTED: usize = 200;

const GOOD: &str = "pools.main.url = \"sqlite::memory:\"\npools.main.min_connections = 1\n";

/// Two pools and an exporter are made before the last pool cannot be.
const BROKEN: &str = "\
pools.main.url = \"sqlite://?mode=memory\"
pools.more.url = \"sqlite::memory:\"
pools.more.min_connections = 3
pools.zoo.url = \"sqlite:///no/such/folder/data.db\"
observability.otlp_endpoint = \"http://127.0.0.1:1\"
";

/// Of this test alone: it has a runtime of its own.
fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn what_cannot_be_built_leaves_no_task_behind() {
    let running = Running::start(GOOD).await;
    let reject = async |times: usize| {
        for _ in 0..times {
            let outcome = running.save(BROKEN).await;
            assert!(matches!(outcome, Outcome::Rejected { .. }), "{outcome:?}");
        }
    };
    reject(5).await;
    sleep(Duration::from_millis(200)).await;
    let before = tasks();
    reject(REJECTED).await;
    // What was opened is closed in tasks that end by themselves.
    let back = async {
        while tasks() > before {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let left = timeout(Duration::from_secs(10), back).await;
    assert!(left.is_ok(), "{} tasks, before {before}", tasks());
    assert_eq!(running.ops.config().generation(), 1);
}
