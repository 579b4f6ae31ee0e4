//! A service whose file is edited, and what an edit must come to.

use ops_tests::service::{Process, Service, QUIET};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// What stands in the file at first.
pub(crate) const FIRST: u32 = 1000;

/// A configuration that says `n` in three tables, so that no part of it says the same, and in its
/// first line, so that no part of it is the beginning of another. It is looked at only when an
/// event comes.
pub(crate) fn text(n: u32) -> String {
    polled(n, "5m")
}

/// The same, looked at so often.
pub(crate) fn polled(n: u32, interval: &str) -> String {
    let breaker = |name: &str| format!("[breakers.{name}]\nfailure_threshold = {n}\n");
    let (first, last) = (breaker("first"), breaker("last"));
    format!("# {n}\n{QUIET}[reload]\npoll_interval = \"{interval}\"\n{first}[limits]\nmax_in_flight = {n}\n{last}")
}

/// A configuration that is polled and waits long for a writer that no event tells of.
pub(crate) fn unhurried(n: u32) -> String {
    polled(n, "100ms").replace("[reload]\n", "[reload]\nsettle = \"2s\"\n")
}

/// The number that a configuration says in all three tables.
///
/// # Panics
/// When it does not say the same in all: half of a save is in force.
#[track_caller]
pub(crate) fn number(config: &Value) -> u64 {
    let value = &config["value"];
    let said = [
        &value["breakers"]["first"]["failure_threshold"],
        &value["limits"]["max_in_flight"],
        &value["breakers"]["last"]["failure_threshold"],
    ];
    assert!(said.iter().all(|number| *number == said[0]), "half of a save is in force: {said:?}");
    said[0].as_u64().unwrap()
}

/// How reloads went so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tally {
    pub(crate) generation: u64,
    pub(crate) applied: f64,
    pub(crate) rejected: f64,
}

/// A service and the number that stands in its file.
pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) file: PathBuf,
    pub(crate) n: u32,
}

impl Rig {
    /// One whose file is in a folder of its own.
    pub(crate) async fn start() -> Self {
        let process = Process::spawn(&text(FIRST));
        let file = process.file();
        Self::of(process, file).await
    }

    /// One that is started in this way, and edited by this name.
    pub(crate) async fn of(process: Process, file: PathBuf) -> Self {
        Self { service: Service::of(process).await, file, n: FIRST }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.service.process.folder()
    }

    pub(crate) async fn tally(&self) -> Tally {
        let generation = self.service.config().await["generation"].as_u64().unwrap();
        let scrape = self.service.scrape().await;
        let count = |outcome| scrape.sum("ops_config_reloads_total", &[("outcome", outcome)]);
        Tally { generation, applied: count("applied"), rejected: count("rejected") }
    }

    /// Asks for a look at the file; the outcome.
    pub(crate) async fn reload(&self) -> String {
        self.service.reload().await["outcome"].as_str().unwrap().to_owned()
    }

    /// An edit to the next number: it is in force once, and nothing else ever was.
    pub(crate) async fn edit(&mut self, how: &str, save: impl AsyncFnOnce(&Path, u32)) {
        let before = self.tally().await;
        self.n += 1;
        save(&self.file, self.n).await;
        self.is_in_force_once(how, before).await;
    }

    /// An edit by one that is done when it returns.
    pub(crate) async fn edit_by(&mut self, how: &str, save: impl FnOnce(&Path, u32)) {
        self.edit(how, async |file, n| save(file, n)).await;
    }

    /// Waits for what stands in the file, and sees that it was all that ever was in force.
    async fn is_in_force_once(&self, how: &str, before: Tally) {
        let n = u64::from(self.n);
        self.service.config_once(how, |config| number(config) == n).await;
        assert_eq!(self.reload().await, "unchanged", "{how}: nothing is left to be seen");
        let expected = Tally { generation: before.generation + 1, applied: before.applied + 1.0, ..before };
        assert_eq!(self.tally().await, expected, "{how}: one save, one generation, nothing rejected");
    }

    /// Something that means nothing: no generation, nothing rejected.
    pub(crate) async fn is_nothing(&self, how: &str, save: impl FnOnce(&Path)) {
        let before = self.tally().await;
        save(&self.file);
        assert_eq!(self.reload().await, "unchanged", "{how}");
        assert_eq!(self.tally().await, before, "{how}");
    }

    /// Something that is rejected: what is in force stays.
    pub(crate) async fn is_rejected(&self, how: &str, save: impl FnOnce(&Path)) -> Value {
        let before = self.tally().await;
        save(&self.file);
        let config = self.service.config_once(how, |config| !config["last_error"].is_null()).await;
        assert_eq!((config["generation"].as_u64(), number(&config)), (Some(before.generation), self.n.into()), "{how}");
        config
    }

    /// The fault is gone, and what is in force is what was all the time.
    pub(crate) async fn is_mended(&self, how: &str, save: impl FnOnce(&Path)) {
        let before = self.service.config().await["generation"].clone();
        save(&self.file);
        let config = self.service.config_once(how, |config| config["last_error"].is_null()).await;
        assert_eq!((&config["generation"], number(&config)), (&before, self.n.into()), "{how}");
    }

    /// The number in force.
    pub(crate) async fn in_force(&self) -> u64 {
        number(&self.service.config().await)
    }
}

/// A pause that is the subject of a test, or shows that something does not happen.
pub(crate) async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// A new file takes the place of another.
pub(crate) fn replace(file: &Path, text: &str) {
    let beside = file.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(&beside, file).unwrap();
}

/// The words of a command.
pub(crate) fn word(path: &Path) -> &str {
    path.to_str().unwrap()
}
