//! Until something holds, or a deadline has passed.

use std::{future::Future, time::Duration};
use tokio::time::{sleep, Instant};

/// How often it is looked.
const PERIOD: Duration = Duration::from_millis(2);

/// Looks until there is something, and gives it.
///
/// # Panics
/// When there is nothing within the time.
#[track_caller]
pub fn until<T, L, F>(what: &str, within: Duration, mut look: L) -> impl Future<Output = T> + use<'_, T, L, F>
where
    L: FnMut() -> F,
    F: Future<Output = Option<T>>,
{
    let caller = std::panic::Location::caller();
    async move {
        let deadline = Instant::now() + within;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(Instant::now() < deadline, "{caller}: {what} did not come within {within:?}");
            sleep(PERIOD).await;
        }
    }
}

/// Looks until it holds.
///
/// # Panics
/// When it does not hold within the time.
#[track_caller]
pub fn holds<'w>(
    what: &'w str,
    within: Duration,
    mut look: impl FnMut() -> bool + 'w,
) -> impl Future<Output = ()> + 'w {
    until(what, within, move || std::future::ready(look().then_some(())))
}
