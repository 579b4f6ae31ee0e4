//! What a reload does to retries.

use super::{in_force, Rig};
use crate::{
    call::sample::soon,
    retry::{RetryError, RetrySet},
};
use std::{cell::Cell, collections::BTreeMap, io};

/// A call that fails however often it is made; how often it was.
async fn attempts(rig: &Rig) -> u32 {
    let made = Cell::new(0);
    let call = || async {
        made.set(made.get() + 1);
        Err::<(), _>(io::Error::other("down"))
    };
    assert!(matches!(soon(rig.retry.call(call)).await, Err(RetryError::Inner(_))));
    made.get()
}

#[tokio::test(start_paused = true)]
async fn a_handle_follows_every_edit_and_what_was_spent_is_kept() {
    let rig = Rig::new("budget = { ratio = 0.0, min_per_second = 10, window = \"1s\" }");
    assert_eq!((attempts(&rig).await, rig.budget()), (3, 8));
    let _edited =
        in_force(&rig.retries, "max_attempts = 5\nbudget = { ratio = 0.0, min_per_second = 10, window = \"1s\" }");
    assert_eq!(rig.budget(), 8);
    assert_eq!(attempts(&rig).await, 5);
    let _more = in_force(&rig.retries, "budget = { ratio = 0.0, min_per_second = 20, window = \"2s\" }");
    assert_eq!((rig.budget(), rig.outcomes()), (34, vec![("failure", 6), ("no_attempts", 2)]));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_gone_passes_once_and_one_that_comes_back_is_followed() {
    let rig = Rig::new("");
    RetrySet::build(&BTreeMap::new(), &rig.retries).put_in_force();
    assert_eq!(attempts(&rig).await, 1);
    assert!(rig.retries.retry("r").is_none() && rig.retries.retry("other").is_none());
    let _back = in_force(&rig.retries, "max_attempts = 2");
    assert_eq!(attempts(&rig).await, 2);
}
