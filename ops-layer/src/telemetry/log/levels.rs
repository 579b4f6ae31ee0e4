//! Which events are logged: a level, and levels of single modules.

use ops_config::value::{Level, LogFilter};
use tracing::{level_filters::LevelFilter, Metadata};

/// A filter in the form in which it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Levels {
    default: LevelFilter,
    /// The longest target first, so that the first match is the one that says most.
    targets: Vec<(String, LevelFilter)>,
}

impl Levels {
    pub(super) fn new(filter: &LogFilter) -> Self {
        let mut targets: Vec<_> =
            filter.targets().map(|(target, level)| (target.to_owned(), level_of(level))).collect();
        // Of two levels for one target the last one written holds.
        targets.reverse();
        targets.sort_by(|(a, _), (b, _)| (b.len(), b).cmp(&(a.len(), a)));
        targets.dedup_by(|(later, _), (kept, _)| later == kept);
        Self { default: level_of(filter.default_level()), targets }
    }

    pub(super) fn logs(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.level(metadata.target())
    }

    pub(super) fn level(&self, target: &str) -> LevelFilter {
        let holds = |above: &str| match target.strip_prefix(above) {
            Some(rest) => rest.is_empty() || rest.starts_with("::"),
            None => false,
        };
        self.targets.iter().find(|(above, _)| holds(above)).map_or(self.default, |(_, level)| *level)
    }

    /// The most that is logged anywhere.
    pub(super) fn most(&self) -> LevelFilter {
        self.targets.iter().map(|(_, level)| *level).fold(self.default, LevelFilter::max)
    }
}

const fn level_of(level: Level) -> LevelFilter {
    match level {
        Level::Off => LevelFilter::OFF,
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::Levels;
    use tracing::level_filters::LevelFilter;

    fn levels(text: &str) -> Levels {
        Levels::new(&text.parse().expect("a filter"))
    }

    #[test]
    fn the_longest_target_holds_and_only_for_whole_names() {
        let levels = levels("info,shop=warn,shop::pay=trace,shop::pay=debug");
        for (target, level) in [
            ("shop", LevelFilter::WARN),
            ("shop::cart", LevelFilter::WARN),
            ("shop::pay", LevelFilter::DEBUG),
            ("shop::pay::card", LevelFilter::DEBUG),
            ("shop::payment", LevelFilter::WARN),
            ("shopping", LevelFilter::INFO),
        ] {
            assert_eq!(levels.level(target), level, "{target}");
        }
        assert_eq!(levels.most(), LevelFilter::DEBUG);
    }
}
