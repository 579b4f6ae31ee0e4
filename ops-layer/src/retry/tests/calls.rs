//! Calls that are no requests.

use super::Rig;
use crate::{call::sample::soon, refusal::NotMade, retry::RetryError};
use std::{cell::Cell, future::pending, io, time::Duration};

#[tokio::test(start_paused = true)]
async fn a_call_is_made_again_while_it_fails() {
    let (rig, made) = (Rig::new(""), Cell::new(0));
    let call = || async {
        made.set(made.get() + 1);
        if made.get() < 3 {
            Err(io::Error::other("not yet"))
        } else {
            Ok(made.get())
        }
    };
    assert!(soon(rig.retry.call(call)).await.is_ok_and(|value| value == 3));
    assert_eq!(rig.outcomes(), [("success", 1), ("failure", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_not_made_is_left_alone_and_one_that_hangs_is_not() {
    let (rig, made) = (Rig::new("attempt_timeout = \"1s\""), Cell::new(0));
    let refused = || async {
        made.set(made.get() + 1);
        Err::<(), _>(NotMade)
    };
    assert_eq!(soon(rig.retry.call(refused)).await, Err(RetryError::Inner(NotMade)));
    assert_eq!(made.get(), 1);
    let hangs = || pending::<Result<(), NotMade>>();
    let after = Duration::from_secs(1);
    assert_eq!(soon(rig.retry.call(hangs)).await, Err(RetryError::TimedOut { after }));
    assert_eq!(rig.outcomes(), [("failure", 2), ("no_attempts", 1)]);
}

#[tokio::test(start_paused = true)]
async fn values_may_be_failures_too() {
    let (rig, made) = (Rig::new("max_attempts = 2"), Cell::new(0));
    let call = || async {
        made.set(made.get() + 1);
        Ok::<_, NotMade>(made.get())
    };
    assert_eq!(soon(rig.retry.call_if(call, |result| result.is_ok_and(|value| *value < 9))).await, Ok(2));
}
