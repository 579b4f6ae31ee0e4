//! From an event of `tracing` to a line.

use super::{
    desk::{self, Moment},
    notice,
    settings::LogSettings,
    writer::Writer,
};
use crate::telemetry::trace::current_ids;
use arc_swap::ArcSwap;
use std::{
    io::Write,
    sync::{
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
        Arc,
    },
    time::{Duration, SystemTime},
};
use tracing::{level_filters::LevelFilter, subscriber::Interest, Event, Metadata, Subscriber};
use tracing_subscriber::{
    filter::Filtered,
    layer::{Context, Filter, Layer},
};

/// The log of the process. Clones are the same log.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    settings: Arc<Settings>,
    writer: Writer,
}

/// The settings in force.
#[derive(Debug)]
struct Settings {
    now: ArcSwap<LogSettings>,
    /// A number that no other settings of the process have, so that a thread sees from one word, which
    /// is seldom written, whether what it has at hand is still right.
    number: AtomicU64,
    is_coloured: bool,
}

impl Settings {
    fn new(settings: LogSettings, is_coloured: bool) -> Self {
        Self { now: ArcSwap::from_pointee(settings), number: AtomicU64::new(next_number()), is_coloured }
    }

    /// Works at this thread's desk, by the settings in force.
    fn with_desk<R>(&self, mut work: impl FnMut(&mut desk::Desk) -> R) -> R {
        desk::with(|desk| {
            desk.follow(self.number.load(Acquire), self.is_coloured, || self.now.load_full());
            work(desk)
        })
    }
}

fn next_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Relaxed) + 1
}

impl Logs {
    /// A log written there. Colours are for a terminal.
    pub(crate) fn new(settings: LogSettings, output: impl Write + Send + 'static, is_coloured: bool) -> Self {
        let settings = Arc::new(Settings::new(settings, is_coloured));
        let told = Arc::clone(&settings);
        let notice = move |lost| notice::write(&told.now.load(), SystemTime::now(), lost);
        Self { settings, writer: Writer::start(output, notice) }
    }

    /// Takes new settings. The next line is written, or not, by them.
    pub(crate) fn set(&self, settings: LogSettings) {
        let before = self.settings.now.swap(Arc::new(settings));
        // After the settings: who sees the number finds them.
        self.settings.number.store(next_number(), Release);
        if before.levels != self.settings.now.load().levels {
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

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _cx: Context<'_, S>) {
        let moment = Moment { time: SystemTime::now(), ids: current_ids() };
        self.0.settings.with_desk(|desk| {
            if let Some(line) = desk.line(moment, event) {
                self.0.writer.push(line);
            }
        });
    }
}

/// Lets through what the filter in force wants.
#[derive(Debug)]
pub(crate) struct LogLevels(Arc<Settings>);

impl<S> Filter<S> for LogLevels {
    fn enabled(&self, metadata: &Metadata<'_>, _cx: &Context<'_, S>) -> bool {
        let remembered = || self.0.with_desk(|desk| desk.is_logged(metadata));
        metadata.is_event() && remembered().unwrap_or_else(|| self.0.now.load().levels.logs(metadata))
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.0.now.load().levels.logs(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // Not below what is recorded in traces: what this does not name may not be asked about at all.
        Some(self.0.now.load().levels.most().max(LevelFilter::INFO))
    }
}

#[cfg(test)]
mod tests;
