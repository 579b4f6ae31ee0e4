//! The bounds under load, with the system's own count of open files as the witness.

use super::{super::PoolConnection, *};
use proptest::prelude::*;
use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
};

#[derive(Clone, Debug)]
enum Step {
    Acquire,
    Release(prop::sample::Index),
    Query(prop::sample::Index),
    Cancel(prop::sample::Index),
    Resize(u64, u64),
    Rotate,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Acquire),
        3 => any::<prop::sample::Index>().prop_map(Step::Release),
        3 => any::<prop::sample::Index>().prop_map(Step::Query),
        1 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        2 => (0..4_u64, 1..7_u64).prop_map(|(min, max)| Step::Resize(min.min(max), max)),
        1 => Just(Step::Rotate),
    ]
}

struct Run {
    pools: Pools,
    pool: Pool<Sqlite>,
    files: [PathBuf; 2],
    at: usize,
    held: Vec<PoolConnection<Sqlite>>,
    bounds: (u64, u64),
}

impl Run {
    fn url(&self) -> String {
        format!("sqlite://{}", self.files[self.at].display())
    }

    fn has_room(&self) -> bool {
        u64::try_from(self.held.len()).is_ok_and(|held| held < self.bounds.1)
    }

    fn witness(&self) -> usize {
        self.files.iter().map(|file| open_files(file)).sum()
    }

    async fn step(&mut self, step: &Step, limit: &AtomicU32) {
        match step {
            Step::Acquire if self.has_room() => {
                self.held.push(self.pool.acquire().await.expect("there is room"));
            }
            Step::Release(at) if !self.held.is_empty() => {
                drop(self.held.remove(at.index(self.held.len())));
            }
            Step::Query(at) if !self.held.is_empty() => {
                let at = at.index(self.held.len());
                assert_eq!(scalar("SELECT 1").fetch_one(&mut *self.held[at]).await.expect("not cut"), 1);
            }
            Step::Cancel(at) if !self.held.is_empty() => {
                let mut connection = self.held.remove(at.index(self.held.len()));
                let query = scalar("SELECT 1").fetch_one(&mut *connection);
                let _ = timeout(Duration::ZERO, query).await;
            }
            Step::Resize(min, max) => {
                let max = *max;
                limit.fetch_max(u32::try_from(max).expect("small"), SeqCst);
                self.bounds = (*min, max);
                apply(&self.pools, config(&self.url(), *min, max)).await;
            }
            Step::Rotate if self.has_room() => {
                self.at = 1 - self.at;
                apply(&self.pools, config(&self.url(), self.bounds.0, self.bounds.1)).await;
            }
            _ => {}
        }
    }

    /// When nothing is under way, the minimum is idle as far as the maximum allows, and the files agree.
    async fn settle(&self, limit: &AtomicU32) {
        let (min, max) = self.bounds;
        let held = u32::try_from(self.held.len()).expect("few");
        let idle = u32::try_from(min).expect("small").min(u32::try_from(max).expect("small").saturating_sub(held));
        eventually("idle as many as can be, nothing under way", || {
            let now = self.pool.snapshot();
            now.used == held && now.idle >= idle && now.idle + now.used == now.total
        })
        .await;
        let now = self.pool.snapshot();
        assert_eq!(self.witness(), now.total as usize);
        limit.store(now.max.max(now.total), SeqCst);
    }
}

fn run(first: (u64, u64), steps: &[Step]) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let files = ["a.db", "b.db"].map(|file| folder.path().join(file));
    for file in &files {
        std::fs::write(file, "").expect("an empty database");
    }
    runtime.block_on(async {
        let url = format!("sqlite://{}", files[0].display());
        let bounds = (first.0.min(first.1), first.1);
        let (pools, pool) = started(config(&url, bounds.0, bounds.1)).await;
        let limit = AtomicU32::new(u32::try_from(bounds.1).expect("small"));
        let is_over = AtomicBool::new(false);
        let mut run = Run { pools, pool: pool.clone(), files, at: 0, held: Vec::new(), bounds };
        std::thread::scope(|scope| {
            // Every moment counts, also those between the steps.
            let watcher = scope.spawn(|| {
                let mut worst = None;
                while !is_over.load(SeqCst) && worst.is_none() {
                    let before = limit.load(SeqCst);
                    let total = pool.snapshot().total;
                    worst = (total > before.max(limit.load(SeqCst))).then_some((total, before));
                    std::thread::yield_now();
                }
                worst
            });
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                tokio::task::block_in_place(|| {
                    runtime.handle().block_on(async {
                        for step in steps {
                            run.step(step, &limit).await;
                            run.settle(&limit).await;
                        }
                    });
                });
            }));
            is_over.store(true, SeqCst);
            assert_eq!(watcher.join().expect("no panic"), None, "more connections than allowed");
            outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        });
        run.held.clear();
        assert_eq!(run.pools.close(tokio::time::Instant::now() + Duration::from_secs(10)).await, 0);
        assert_eq!(run.witness(), 0, "all are closed at the end");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Feature: production-excellence, Property 5: at least the minimum idle when it can be and never more than the
    /// maximum in total, through resizes and rotations under load, and no query is cut.
    #[test]
    fn holds_its_bounds_under_load(first in (0..4_u64, 1..7_u64), steps in prop::collection::vec(step(), 1..25)) {
        run(first, &steps);
    }
}

/// Callers that only ever take, use and give back, while the bounds and the address change below them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_query_fails_while_everything_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = |at: usize| format!("sqlite://{}?mode=rwc", folder.path().join(format!("{at}.db")).display());
    let (pools, pool) = started(config(&url(0), 1, 4)).await;
    let is_over = std::sync::Arc::new(AtomicBool::new(false));
    let mut users = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (pool, is_over) = (pool.clone(), std::sync::Arc::clone(&is_over));
        users.spawn(async move {
            let mut turns = 0_u32;
            while !is_over.load(SeqCst) {
                let mut connection = pool.acquire().await.expect("in time");
                assert_eq!(scalar("SELECT 1").fetch_one(&mut *connection).await.expect("not cut"), 1);
                turns += 1;
            }
            turns
        });
    }
    for round in 0..40_u64 {
        let at = usize::try_from(round / 2 % 2).expect("small");
        apply(&pools, config(&url(at), round % 3, 1 + round % 5)).await;
        let total = pool.snapshot().total;
        assert!(total <= 5, "{total} open");
    }
    is_over.store(true, SeqCst);
    while let Some(turns) = users.join_next().await {
        assert!(turns.expect("no query fails") > 0);
    }
}
