//! How long a save takes to be in force, and what a thousand of them leave behind.
//!
//! Prints a table. A save counts from before its first system call until a reader sees it. Between
//! two is a pause, as between those of a person: a storm of saves is made to wait on purpose.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use ops_config::{
    check::Checked,
    diagnostic::Violation,
    live::{Generation, Reader},
    reload::{self, Build, Built},
    source::Sources,
};
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// A build of nothing: what remains is the engine's own time.
struct Nothing;

impl Build for Nothing {
    type Plan = ();
    type Staged = ();

    async fn build(
        &mut self,
        _: &Arc<Checked>,
        _: Option<&Arc<Generation<()>>>,
    ) -> Result<Built<(), ()>, Vec<Violation>> {
        Ok(Built { plan: (), staged: () })
    }

    fn commit(&mut self, (): (), _: &Arc<Generation<()>>) {}
}

/// One way to save.
type Save = fn(&Path, &str) -> std::io::Result<()>;

fn by_rename(file: &Path, content: &str) -> std::io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, content)?;
    fs::rename(&new, file)
}

fn in_place(file: &Path, content: &str) -> std::io::Result<()> {
    fs::write(file, content)
}

/// The file has another name in another folder: what is written by it raises no event in the first.
fn unheard(file: &Path, content: &str) -> std::io::Result<()> {
    fs::write(elsewhere(file), content)
}

fn elsewhere(file: &Path) -> PathBuf {
    file.with_extension("d").join("same")
}

fn content(n: u32, poll: &str) -> String {
    format!("version = 1\n[reload]\npoll_interval = \"{poll}\"\n[limits]\nmax_in_flight = {n}\n")
}

/// Longer than what makes several saves one storm.
const PAUSE: Duration = Duration::from_millis(130);

/// The times of `count` saves, shortest first.
fn time(
    file: &Path,
    reader: &mut Reader<()>,
    save: Save,
    count: u32,
    poll: &str,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..count {
        std::thread::park_timeout(PAUSE);
        let next = reader.get().seq + 1;
        let content = content(u32::try_from(next)?, poll);
        let began = now();
        save(file, &content)?;
        while reader.get().seq < next {
            if began.elapsed() > Duration::from_secs(30) {
                return Err(format!("save {next} is not in force").into());
            }
            std::thread::yield_now();
        }
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch: nothing here depends on what it reads")]
fn now() -> Instant {
    Instant::now()
}

/// Resident memory in KiB.
fn resident() -> Result<i64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim_end_matches("kB").trim().parse()?)
}

fn print(name: &str, times: &[Duration], target: &str) {
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    let (p50, p99, max) = (at(50), at(99), at(100));
    println!("{name:<10} {:>6} {p50:>9.2} {p99:>9.2} {max:>9.2}   {target}", times.len());
}

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` says so; any other way of running it only shows that it runs.
    let (count, many) = if std::env::args().any(|arg| arg == "--bench") { (200, 1000) } else { (3, 20) };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("ops.toml");
    fs::write(&file, content(1, "5m"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let running = runtime.block_on(reload::start(Sources::from_file(&file), Nothing))?;
    let mut reader = running.live.reader();

    println!("{:<10} {:>6} {:>9} {:>9} {:>9}   target", "save", "n", "p50 ms", "p99 ms", "max ms");
    print("rename", &time(&file, &mut reader, by_rename, count, "5m")?, "2 ms, 8 ms");
    print("in place", &time(&file, &mut reader, in_place, count, "5m")?, "settle + 10 ms");

    let before = resident()?;
    for _ in 0..many {
        by_rename(&file, &content(u32::try_from(reader.get().seq + 1)?, "5m"))?;
        runtime.block_on(running.handle.reload());
    }
    println!("{many} saves more: {:+} KiB resident, target 5120 KiB", resident()? - before);

    time(&file, &mut reader, by_rename, 1, "200ms")?;
    fs::create_dir(file.with_extension("d"))?;
    fs::hard_link(&file, elsewhere(&file))?;
    print("polled", &time(&file, &mut reader, unheard, count / 3, "200ms")?, "200 ms + settle");
    Ok(())
}
