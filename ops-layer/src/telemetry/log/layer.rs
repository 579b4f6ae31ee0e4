//! From an event of `tracing` to a line.

use super::{levels::Levels, writer::Writer, LogEntry};
use crate::telemetry::trace::current_ids;
use arc_swap::ArcSwap;
use ops_config::section::{LogFormat, LoggingConfig};
use std::{
    cell::RefCell,
    io::Write,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tracing::{level_filters::LevelFilter, subscriber::Interest, Event, Metadata, Subscriber};
use tracing_subscriber::{
    filter::Filtered,
    layer::{Context, Filter, Layer},
};

/// What is logged, and how, until the next reload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogSettings {
    levels: Levels,
    format: LogFormat,
    service: String,
}

impl LogSettings {
    pub(crate) fn new(config: &LoggingConfig, service: &str) -> Self {
        Self { levels: Levels::new(&config.level), format: config.format, service: service.to_owned() }
    }
}

/// The log of the process. Clones are the same log.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    settings: Arc<ArcSwap<LogSettings>>,
    writer: Writer,
}

impl Logs {
    pub(crate) fn new(settings: LogSettings, output: impl Write + Send + 'static) -> Self {
        Self { settings: Arc::new(ArcSwap::from_pointee(settings)), writer: Writer::start(output) }
    }

    /// Takes new settings. The next line is written, or not, by them.
    pub(crate) fn set(&self, settings: LogSettings) {
        let before = self.settings.swap(Arc::new(settings));
        if before.levels != self.settings.load().levels {
            // Each place in the code remembers whether anybody wants its events: make it ask again.
            tracing::callsite::rebuild_interest_cache();
        }
    }

    /// The layer for a subscriber.
    pub(crate) fn layer<S: Subscriber>(&self) -> Filtered<LogLayer, LogLevels, S> {
        LogLayer(self.clone()).with_filter(LogLevels(Arc::clone(&self.settings)))
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.writer.dropped()
    }

    /// Waits, on this thread, until what was logged so far is written.
    pub(crate) fn flush(&self, deadline: Duration) -> bool {
        self.writer.flush(deadline)
    }
}

/// Writes a line for each event.
#[derive(Debug)]
pub(crate) struct LogLayer(Logs);

thread_local! {
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _cx: Context<'_, S>) {
        let settings = self.0.settings.load();
        let entry = LogEntry { timestamp: SystemTime::now(), service: &settings.service, trace: current_ids(), event };
        let write = |line: &mut String| {
            entry.write(settings.format, line);
            self.0.writer.push(line);
        };
        let reused = LINE.try_with(|line| match line.try_borrow_mut() {
            Ok(mut line) => {
                line.clear();
                write(&mut line);
                // One huge line must not stay with the thread.
                line.shrink_to(16 << 10);
            }
            // A field's `Debug` that logs itself comes here while the outer line is being made.
            Err(_) => write(&mut String::new()),
        });
        if reused.is_err() {
            write(&mut String::new());
        }
    }
}

/// Lets through what the filter in force wants.
#[derive(Debug)]
pub(crate) struct LogLevels(Arc<ArcSwap<LogSettings>>);

impl<S> Filter<S> for LogLevels {
    fn enabled(&self, metadata: &Metadata<'_>, _cx: &Context<'_, S>) -> bool {
        metadata.is_event() && self.0.load().levels.logs(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.0.load().levels.logs(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // Not below what is recorded in traces: what this does not name may not be asked about at all.
        Some(self.0.load().levels.most().max(LevelFilter::INFO))
    }
}

#[cfg(test)]
mod tests;
