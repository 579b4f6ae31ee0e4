//! RFC 3339, remembered for the second.

use humantime::format_rfc3339_seconds;
use std::{
    fmt::Write,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The end of the year 9999, beyond which RFC 3339 has no form.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// The text of the last second that was asked for: a busy thread asks a thousand times for the same.
#[derive(Debug, Default)]
pub(super) struct Timestamp {
    second: u64,
    text: String,
}

impl Timestamp {
    /// Appends `2023-11-14T22:13:20.123Z`. A clock before 1970 shows its beginning.
    pub(super) fn write(&mut self, time: SystemTime, line: &mut String) {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().min(LAST);
        if self.second != since.as_secs() || self.text.is_empty() {
            self.second = since.as_secs();
            self.text.clear();
            let _ = write!(self.text, "{}", format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(self.second)));
            // The Z, which comes after the fraction.
            self.text.pop();
        }
        line.push_str(&self.text);
        let millis = since.subsec_millis();
        let digit = |place: u32| char::from_digit(millis / place % 10, 10).unwrap_or('0');
        line.extend(['.', digit(100), digit(10), digit(1), 'Z']);
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, LAST};
    use proptest::prelude::*;
    use std::time::{Duration, UNIX_EPOCH};

    proptest! {
        #[test]
        fn times_are_written_as_the_standard_says_in_whatever_order_they_come(
            times in prop::collection::vec((0u64..=LAST.as_secs(), 0u32..1000), 1..6),
        ) {
            let mut timestamp = Timestamp::default();
            for (seconds, millis) in times {
                let time = UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_millis(millis.into());
                let mut line = String::new();
                timestamp.write(time, &mut line);
                prop_assert_eq!(&line, &humantime::format_rfc3339_millis(time).to_string());
                prop_assert_eq!(humantime::parse_rfc3339(&line).expect("RFC 3339"), time);
            }
        }
    }

    #[test]
    fn a_clock_that_is_wrong_beyond_measure_is_no_fault() {
        let mut line = String::new();
        Timestamp::default().write(UNIX_EPOCH - Duration::from_secs(5), &mut line);
        Timestamp::default().write(UNIX_EPOCH + LAST * 2, &mut line);
        assert_eq!(line, "1970-01-01T00:00:00.000Z9999-12-31T23:59:59.000Z");
    }
}
