mod carried;
mod shapes;

use super::{current, current_ids, in_current, Scope};
use crate::telemetry::trace::{SpanId, TraceContext, TraceId};
use proptest::prelude::*;
use std::{future::Future, panic, pin::Pin, time::Duration};

fn scope(id: u128, flags: u8) -> (TraceId, Scope) {
    let context = TraceContext::new(TraceId::from(id), SpanId::from(1), flags);
    (context.trace_id(), Scope { context: Some(context), span: None })
}

fn trace() -> Option<TraceId> {
    assert_eq!(current().map(|context| context.trace_id()), current_ids().map(|(trace, _)| trace));
    current().map(|context| context.trace_id())
}

#[test]
fn scopes_nest_and_end_also_in_a_panic() {
    let ((outer_id, mut outer), (inner_id, mut inner)) = (scope(1, 0), scope(2, 1));
    assert_eq!(trace(), None);
    outer.run(|| {
        assert_eq!(trace(), Some(outer_id));
        inner.run(|| assert_eq!(trace(), Some(inner_id)));
        let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| inner.run(|| panic::resume_unwind(Box::new(())))));
        assert!(caught.is_err());
        assert_eq!(trace(), Some(outer_id));
    });
    assert_eq!(trace(), None);
    assert!(inner.context.is_some() && outer.context.is_some(), "each has its own back");
}

/// Says in which trace it is dropped.
struct Witness(Seen);

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.0.send(trace());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Feature: production-excellence, Property 1: the trace id goes along through spawn, join, timeout and cancel.
    #[test]
    fn the_trace_goes_along_through_every_async_step(id in 1u128.., flags in 0u8..4, hops in 1usize..6) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime");
        let (wanted, mut scope) = scope(id, flags);
        let seen = runtime.block_on(async move {
            let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
            let work = scope.run(|| in_current(steps(hops, sender)));
            tokio::spawn(work).await.expect("no panic");
            let mut all = Vec::new();
            while let Some(trace) = seen.recv().await {
                all.push(trace);
            }
            all
        });
        prop_assert!(seen.len() > 2 * hops);
        prop_assert!(seen.iter().all(|trace| *trace == Some(wanted)), "{:?}", seen);
        prop_assert_eq!(trace(), None);
    }
}

type Seen = tokio::sync::mpsc::UnboundedSender<Option<TraceId>>;

/// Boxed, because it spawns itself.
fn spawned(hops: usize, seen: Seen) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(steps(hops, seen))
}

async fn steps(hops: usize, seen: Seen) {
    let _ = seen.send(trace());
    tokio::time::sleep(Duration::from_millis(1)).await;
    let _ = seen.send(trace());
    let cut = async {
        let _witness = Witness(seen.clone());
        tokio::time::sleep(Duration::from_mins(1)).await;
    };
    assert!(tokio::time::timeout(Duration::from_millis(1), cut).await.is_err());
    if hops > 0 {
        let cancelled = tokio::spawn(in_current({
            let witness = Witness(seen.clone());
            async move {
                let _witness = witness;
                std::future::pending::<()>().await;
            }
        }));
        let next = tokio::spawn(in_current(spawned(hops - 1, seen.clone())));
        let (next, ()) = tokio::join!(next, tokio::task::yield_now());
        next.expect("no panic");
        cancelled.abort();
        assert!(cancelled.await.expect_err("aborted").is_cancelled());
    }
    let _ = seen.send(trace());
}
