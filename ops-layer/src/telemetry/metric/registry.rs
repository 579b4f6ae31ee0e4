//! The program's own metrics.

use prometheus::{
    core::{Collector, Desc},
    proto::{MetricFamily, MetricType},
    Registry,
};
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    panic::{catch_unwind, AssertUnwindSafe},
};

thread_local! {
    /// What the collectors of one gathering yield, by name: the registry makes one family of those of one name, whatever
    /// their types are, and then a gauge is read as a counter that stands at 0. One thread asks all of them, one by one.
    static TYPES: RefCell<HashMap<String, HashSet<MetricType>>> = RefCell::default();
}

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
/// so that no collector hides the other numbers: names and labels that are none, labels that begin with `__`, a point
/// that is there already, a counter below zero, the untyped; also a metric whose name the stack uses itself, all of
/// one name that are not of one type, and what a collector yields that panics. One that waits holds up the page, but
/// neither the probes nor any request. In `OpenMetrics` a counter whose name does not end in `_total` is of unknown
/// type. Series are the program's to bound: each combination of label values that was ever used is one.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self { registry: Registry::new() }
    }

    /// The registry itself, for libraries that want one. Of collectors that go into it directly, one that panics hides
    /// all the program's metrics, and those of one name must be of one type: [`Self::register`] sees to both.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Shows a collector, and gives it back to count with.
    ///
    /// # Errors
    /// Another collector has that name.
    pub fn register<C: Collector + Clone + 'static>(&self, collector: C) -> Result<C, prometheus::Error> {
        let name = collector.desc().first().map_or_else(String::new, |desc| desc.fq_name.clone());
        self.registry.register(Box::new(Guarded { collector: collector.clone(), name }))?;
        Ok(collector)
    }

    /// What is registered, as it is now.
    pub(crate) fn gather(&self) -> Vec<MetricFamily> {
        let others = TYPES.take();
        // Of those that went into the registry directly. It is only read meanwhile, so nothing is left half done.
        let families = catch_unwind(AssertUnwindSafe(|| self.registry.gather())).unwrap_or_else(|_| {
            tracing::error!(name: "metrics.registry_panicked", "a collector within the registry panicked; the metrics page leaves all of them out");
            Vec::new()
        });
        let types = TYPES.replace(others);
        let is_of_one = |family: &MetricFamily| types.get(family.name()).is_none_or(|types| types.len() == 1);
        families.into_iter().filter(is_of_one).collect()
    }
}

/// A stranger's collector: what it does ill, it does to itself alone.
struct Guarded<C> {
    collector: C,
    name: String,
}

impl<C: Collector> Collector for Guarded<C> {
    fn desc(&self) -> Vec<&Desc> {
        self.collector.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let families = catch_unwind(AssertUnwindSafe(|| self.collector.collect())).unwrap_or_else(|_| {
            tracing::error!(name: "metrics.collector_panicked", collector = self.name, "a registered collector panicked; the metrics page leaves it out");
            Vec::new()
        });
        TYPES.with_borrow_mut(|types| {
            for family in families.iter().filter(|family| !family.get_metric().is_empty()) {
                types.entry(family.name().to_owned()).or_default().insert(family.get_field_type());
            }
        });
        families
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;
    use prometheus::{
        core::{Collector, Desc},
        proto::MetricFamily,
        Gauge, IntCounter, IntGauge, Opts,
    };

    /// Panics whenever it is asked.
    #[derive(Clone)]
    struct Broken(IntCounter);

    impl Collector for Broken {
        fn desc(&self) -> Vec<&Desc> {
            self.0.desc()
        }

        fn collect(&self) -> Vec<MetricFamily> {
            std::panic::resume_unwind(Box::new("on purpose"))
        }
    }

    fn counter(name: &str) -> IntCounter {
        IntCounter::new(name, "Orders.").expect("a name as it should be")
    }

    fn shown(metrics: &Metrics) -> Vec<String> {
        metrics.gather().iter().map(|family| family.name().to_owned()).collect()
    }

    #[test]
    fn a_second_collector_of_one_name_is_refused() {
        let metrics = Metrics::new();
        metrics.register(counter("orders_total")).expect("the first").inc();
        assert!(metrics.register(counter("orders_total")).is_err());
    }

    #[test]
    fn a_collector_that_panics_hides_only_itself() {
        let metrics = Metrics::new();
        for name in ["a_total", "c_total"] {
            metrics.register(counter(name)).expect("another name");
        }
        metrics.register(Broken(counter("b_total"))).expect("another name");
        assert_eq!(shown(&metrics), ["a_total", "c_total"]);
        metrics.registry().register(Box::new(Broken(counter("d_total")))).expect("another name");
        assert!(shown(&metrics).is_empty(), "one that nobody guards hides them all, and nothing else");
    }

    #[test]
    fn what_is_of_one_name_and_not_of_one_type_is_left_out() {
        let metrics = Metrics::new();
        let of = |kind| Opts::new("jobs", "Jobs.").const_label("kind", kind);
        metrics.register(IntCounter::with_opts(of("one")).expect("good")).expect("the first").inc();
        assert_eq!(shown(&metrics), ["jobs"]);
        let gauge = metrics.register(IntGauge::with_opts(of("two")).expect("good")).expect("other labels");
        gauge.set(7);
        metrics.register(Gauge::new("others", "Others.").expect("good")).expect("another name");
        assert_eq!(shown(&metrics), ["others"], "a gauge that stands at 7 is no counter that stands at 0");
        metrics.registry().unregister(Box::new(gauge)).expect("it is registered");
        assert_eq!(shown(&metrics), ["jobs", "others"]);
    }
}
