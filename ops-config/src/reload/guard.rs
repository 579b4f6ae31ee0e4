//! A build that cannot end the driver.

use super::{fault, Build, Built, Vitals};
use crate::{check::Checked, diagnostic::Violation, live::Generation};
use std::{
    future::{poll_fn, Future},
    panic::{catch_unwind, AssertUnwindSafe},
    path::Path,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

/// How long a build may take. One that never ends would end all reloading.
const DEADLINE: Duration = Duration::from_secs(30);

type Result<B> = std::result::Result<Built<<B as Build>::Plan, <B as Build>::Staged>, Vec<Violation>>;

/// Builds; a panic and a build without end are faults like others.
pub(super) async fn build<B: Build>(
    builder: &mut B,
    next: &Arc<Checked>,
    current: Option<&Arc<Generation<B::Plan>>>,
    file: &Path,
) -> Result<B> {
    let mut building = pin!(async { builder.build(next, current).await });
    // After a panic the future is never polled again, so nothing of it is seen half done.
    let caught = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| building.as_mut().poll(cx))) {
        Ok(poll) => poll,
        Err(_) => Poll::Ready(Err(vec![fault::panicked(file)])),
    });
    match tokio::time::timeout(DEADLINE, caught).await {
        Ok(result) => result,
        Err(_) => Err(vec![fault::late(file)]),
    }
}

/// Hands over what was staged. The generation is in force already, so a panic here is only told.
pub(super) fn commit<B: Build>(builder: &mut B, staged: B::Staged, now: &Arc<Generation<B::Plan>>) {
    if catch_unwind(AssertUnwindSafe(|| builder.commit(staged, now))).is_err() {
        tracing::error!(name: "config.commit_panicked", generation = now.seq, "config commit panicked");
    }
}

/// How the service does; where that panics, as for a program that cannot tell.
pub(super) fn vitals<B: Build>(builder: &B, now: &Generation<B::Plan>) -> Vitals {
    catch_unwind(AssertUnwindSafe(|| builder.vitals(now))).unwrap_or_default()
}
