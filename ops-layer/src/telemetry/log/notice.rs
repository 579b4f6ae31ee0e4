//! The line that says how many lines there is none of.

use super::{settings::LogSettings, timestamp::Timestamp};
use ops_config::section::LogFormat;
use std::{fmt::Write, time::SystemTime};
use tracing::{level_filters::LevelFilter, Level};

const TARGET: &str = module_path!();
const MESSAGE: &str = "log lines were dropped: nobody took them in time";

/// Says that so many lines were dropped, where warnings are logged; empty otherwise. Made by the thread
/// that writes, which cannot log without waiting for itself.
pub(super) fn write(settings: &LogSettings, now: SystemTime, lost: u64) -> String {
    let mut line = String::new();
    if settings.levels.level(TARGET) < LevelFilter::WARN {
        return line;
    }
    let level = Level::WARN;
    let mut timestamp = String::new();
    Timestamp::default().write(now, &mut timestamp);
    let _ = match settings.format {
        LogFormat::Json => {
            let service = serde_json::Value::from(settings.service.as_str());
            writeln!(
                line,
                r#"{{"timestamp":"{timestamp}","level":"{level}","service":{service},"target":"{TARGET}","event":"log.lines_dropped","message":"{MESSAGE}","fields":{{"lines":{lost}}}}}"#
            )
        }
        LogFormat::Pretty => {
            writeln!(line, "{timestamp} {level:<5} {TARGET} log.lines_dropped: {MESSAGE} lines={lost}")
        }
    };
    line
}
