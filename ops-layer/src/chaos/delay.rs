//! A delay under way.

use super::experiment::{Chaos, NetworkFault};
use crate::clock::Moment;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};
use tokio::time::{sleep_until, Sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

pin_project! {
    /// A wait that ends at its time, or when it is healed. Tells the fault that follows it.
    pub(super) struct Delay {
        #[pin]
        timer: Sleep,
        #[pin]
        healed: WaitForCancellationFutureOwned,
        then: Option<NetworkFault>,
        chaos: Chaos,
    }
}

impl Delay {
    pub(super) fn new(until: Moment, healed: CancellationToken, then: Option<NetworkFault>, chaos: &Chaos) -> Self {
        chaos.count(NetworkFault::Latency);
        Self { timer: sleep_until(until.instant()), healed: healed.cancelled_owned(), then, chaos: chaos.clone() }
    }
}

impl Future for Delay {
    type Output = Option<NetworkFault>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // Healed, the fault that was to follow is healed with it.
        if this.healed.poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        ready!(this.timer.poll(cx));
        let then = this.then.take();
        if let Some(fault) = then {
            this.chaos.count(fault);
        }
        Poll::Ready(then)
    }
}
