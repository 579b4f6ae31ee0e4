//! The process itself: time used, memory, open files. From `/proc`, a few
//! microseconds a scrape; where there is no `/proc` these metrics are left out.
//!
//! Named as the client libraries of Prometheus name them. The bytes sent and received that some of them
//! show are left out: `/proc` counts them for the whole network namespace, not for a process.

use super::Families;
use rustix::{
    param::{clock_ticks_per_second, page_size},
    process::{getrlimit, Resource},
};
use std::{fs, sync::OnceLock};

/// What `/proc/self/stat` says.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    cpu_ticks: u64,
    threads: u64,
    start_ticks: u64,
    virtual_bytes: u64,
    resident_pages: u64,
}

/// Adds the metrics of the process.
pub(crate) fn describe(families: &mut Families) {
    let read = |path| fs::read_to_string(path).ok();
    if let Some(stat) = read("/proc/self/stat").as_deref().and_then(parse_stat) {
        // It does not change, and that file is long on a machine with many processors.
        static BOOTED: OnceLock<Option<u64>> = OnceLock::new();
        stat.describe(families, *BOOTED.get_or_init(|| read("/proc/stat").as_deref().and_then(boot_time)));
    }
    if let Ok(entries) = fs::read_dir("/proc/self/fd") {
        // One of them is the folder that is read here.
        let open = entries.count().saturating_sub(1);
        families.gauge("process_open_fds", "Open file descriptors.").point(&[], open);
    }
    if let Some(most) = getrlimit(Resource::Nofile).current {
        families.gauge("process_max_fds", "File descriptors the process may open.").point(&[], most);
    }
    if let Some(most) = getrlimit(Resource::As).current {
        families
            .gauge("process_virtual_memory_max_bytes", "Address space the process may reserve, in bytes.")
            .point(&[], most);
    }
}

impl Stat {
    fn describe(&self, families: &mut Families, booted: Option<u64>) {
        let hertz = clock_ticks_per_second();
        let page = u64::try_from(page_size()).unwrap_or(4096);
        families
            .counter("process_cpu_seconds_total", "Processor time used, of user and system, in seconds.")
            .point(&[], seconds(self.cpu_ticks, hertz));
        families
            .gauge("process_resident_memory_bytes", "Memory in use, in bytes.")
            .point(&[], self.resident_pages.saturating_mul(page));
        families
            .gauge("process_virtual_memory_bytes", "Address space that is reserved, in bytes.")
            .point(&[], self.virtual_bytes);
        families.gauge("process_threads", "Threads of the process.").point(&[], self.threads);
        if let Some(booted) = booted {
            let started = seconds(booted.saturating_mul(hertz).saturating_add(self.start_ticks), hertz);
            families
                .gauge("process_start_time_seconds", "When the process started, in seconds since 1970.")
                .point(&[], started);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact for the next million years")]
fn seconds(ticks: u64, hertz: u64) -> f64 {
    ticks as f64 / hertz.max(1) as f64
}

/// The name of the program stands in parentheses and may hold any character, so fields are
/// counted from the last one on.
fn parse_stat(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // proc(5) counts from 1, and the state, first here, is its third.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Stat {
        cpu_ticks: field(14)?.checked_add(field(15)?)?,
        threads: field(20)?,
        start_ticks: field(22)?,
        virtual_bytes: field(23)?,
        resident_pages: field(24)?,
    })
}

fn boot_time(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{boot_time, parse_stat, Families, Stat};

    #[test]
    fn a_program_name_may_hold_spaces_and_parentheses() {
        let text = "7 (a) b (c) S 1 1 1 0 -1 4194560 1 0 0 0 11 22 0 0 20 0 3 0 444 5555 66 18446744073709551615 1";
        let stat = Stat { cpu_ticks: 33, threads: 3, start_ticks: 444, virtual_bytes: 5555, resident_pages: 66 };
        assert_eq!(parse_stat(text), Some(stat));
        assert_eq!(parse_stat("7 (a) S 1"), None);
        assert_eq!(boot_time("cpu 1\nbtime 1700000000\n"), Some(1_700_000_000));
    }

    #[test]
    fn the_process_is_described() {
        let mut families = Families::new();
        super::describe(&mut families);
        let text = families.text();
        for name in ["cpu_seconds_total", "resident_memory_bytes", "virtual_memory_bytes", "open_fds", "max_fds"] {
            assert!(text.contains(&format!("\nprocess_{name} ")), "{name} in {text}");
        }
        assert!(text.contains("\nprocess_threads ") && text.contains("\nprocess_start_time_seconds "), "{text}");
    }
}
