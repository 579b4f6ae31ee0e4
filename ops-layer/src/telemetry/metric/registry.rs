//! The program's own metrics.

use prometheus::{core::Collector, Registry};

/// The program's own metrics, shown with the others: register any collector of the `prometheus`
/// crate, and keep a clone of it to count with. A name that the stack uses itself is not shown twice.
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
