//! The task that does for a pool what only time brings about.

use super::{shared::Shared, Driver};
use std::sync::{Arc, Weak};
use tokio::{sync::Notify, time::sleep_until};

/// Closes connections that are idle too long or too old, tries again to open what could not be opened.
/// Ends with the pool.
pub(super) async fn keep<DB: Driver>(pool: Weak<Shared<DB>>, wake: Arc<Notify>) {
    loop {
        let Some(due) = pool.upgrade().map(|pool| pool.look()) else { return };
        if due.nanos() == u64::MAX {
            wake.notified().await;
        } else {
            tokio::select! {
                () = wake.notified() => {}
                () = sleep_until(due.instant()) => {}
            }
        }
    }
}
