//! The program's own metrics.

use prometheus::{core::Collector, proto::MetricFamily, Registry};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// The program's own metrics, shown with the others: register any collector of the `prometheus`
/// crate, and keep a clone of it to count with.
///
/// ```no_run
/// use prometheus::{IntCounterVec, Opts};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # let ops = ops_layer::Ops::start("ops.toml").await?;
/// let paid = IntCounterVec::new(Opts::new("shop_payments_total", "Payments, by how they ended."), &["outcome"])?;
/// let paid = ops.metrics().register(paid)?;
/// paid.with_label_values(&["accepted"]).inc();
/// # Ok(())
/// # }
/// ```
///
/// They stand in both forms of the page, and outlive every reload. What a scraper could not read is left out,
/// so that no collector hides the other numbers: names and labels that are none, a point that is there already,
/// a counter below zero, the untyped; also a metric whose name the stack uses itself. In `OpenMetrics` a counter
/// whose name does not end in `_total` is of unknown type. Series are the program's to bound: each combination
/// of label values that was ever used is one.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self { registry: Registry::new() }
    }

    /// The registry itself, for libraries that want one.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Shows a collector, and gives it back to count with.
    ///
    /// # Errors
    /// Another collector has that name.
    pub fn register<C: Collector + Clone + 'static>(&self, collector: C) -> Result<C, prometheus::Error> {
        self.registry.register(Box::new(collector.clone()))?;
        Ok(collector)
    }

    /// What is registered, as it is now; nothing of it where a collector panics.
    pub(crate) fn gather(&self) -> Vec<MetricFamily> {
        // A stranger's code within our answer. The registry is only read meanwhile, so nothing is left half done.
        catch_unwind(AssertUnwindSafe(|| self.registry.gather())).unwrap_or_else(|_| {
            tracing::error!(name: "metrics.collector_panicked", "a registered collector panicked; the metrics page leaves all of them out");
            Vec::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;
    use prometheus::IntCounter;

    #[test]
    fn a_second_collector_of_one_name_is_refused() {
        let metrics = Metrics::new();
        let counter = || IntCounter::new("orders_total", "Orders.").expect("a name as it should be");
        metrics.register(counter()).expect("the first").inc();
        assert!(metrics.register(counter()).is_err());
    }
}
