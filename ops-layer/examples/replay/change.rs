//! The changes of state, heard as anybody can hear them: from the breaker's log events.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use tracing::{
    field::{Field, Visit},
    Dispatch, Event, Subscriber,
};
use tracing_subscriber::{
    layer::{Context, SubscriberExt},
    Layer, Registry,
};

/// What was heard so far, in order: `closed>open`.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes(Arc<Mutex<Vec<String>>>);

impl Changes {
    /// What hears them where it is the default.
    pub(super) fn ear(&self) -> Dispatch {
        Dispatch::new(Registry::default().with(self.clone()))
    }

    pub(super) fn list(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl<S: Subscriber> Layer<S> for Changes {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().name() == "breaker.changed" {
            let mut change = Change::default();
            event.record(&mut change);
            let change = format!("{}>{}", change.from, change.to);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(change);
        }
    }
}

/// The fields of one event.
#[derive(Default)]
struct Change {
    from: String,
    to: String,
}

impl Visit for Change {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "from" => value.clone_into(&mut self.from),
            "to" => value.clone_into(&mut self.to),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
