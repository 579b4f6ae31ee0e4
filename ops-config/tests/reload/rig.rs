//! A configuration in force in a folder of its own, and what to do with it.

use ops_config::{
    check::Checked,
    diagnostic::{Code, KeyPath, Origin, Report, Violation},
    live::Generation,
    reload::{self, Build, Built, Entry, Outcome, ReloadHandle, Running, Stage, Status, Vitals},
    source::Sources,
};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, Mutex,
    },
    time::Duration,
};
use tempfile::TempDir;

/// Long enough for any machine; nothing waits for it to pass.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A value that a build cannot be made of, for as long as [`Probe::refuses`].
pub(crate) const REFUSED: u32 = 666;
/// A value that makes the build panic.
pub(crate) const PANICS: u32 = 999;

/// A build that notes what it was asked for: the plan is `limits.max_in_flight`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Probe {
    built: Arc<Mutex<Vec<u32>>>,
    committed: Arc<AtomicUsize>,
    pub(crate) refuses: Arc<AtomicUsize>,
    vitals: Arc<Mutex<BTreeMap<u32, Vitals>>>,
    /// How long each build takes.
    pub(crate) pause: Arc<Mutex<Duration>>,
    /// What is stopped in the midst of the next look at the service.
    pub(crate) stops: Arc<Mutex<Option<ReloadHandle>>>,
}

impl Probe {
    /// What was built so far, in order.
    pub(crate) fn built(&self) -> Vec<u32> {
        self.built.lock().unwrap().clone()
    }

    /// From now on, the service does like this while the plan is `plan`.
    pub(crate) fn does(&self, plan: u32, vitals: Vitals) {
        self.vitals.lock().unwrap().insert(plan, vitals);
    }

    pub(crate) fn committed(&self) -> usize {
        self.committed.load(Ordering::SeqCst)
    }
}

impl Build for Probe {
    type Plan = u32;
    type Staged = u32;

    async fn build(
        &mut self,
        next: &Arc<Checked>,
        current: Option<&Arc<Generation<u32>>>,
    ) -> Result<Built<u32, u32>, Vec<Violation>> {
        assert_eq!(current.is_none(), self.built.lock().unwrap().is_empty());
        let plan = max_in_flight(next);
        self.built.lock().unwrap().push(plan);
        assert_ne!(plan, PANICS, "a panic on purpose");
        let pause = *self.pause.lock().unwrap();
        tokio::time::sleep(pause).await;
        if plan == REFUSED && self.refuses.load(Ordering::SeqCst) == 1 {
            return Err(vec![Violation {
                code: Code::Bind,
                key: KeyPath::from_iter(["server", "listen"]),
                origin: Origin::Default,
                found: None,
                expected: "an address that is free".to_owned(),
                help: None,
                notes: Vec::new(),
            }]);
        }
        Ok(Built { plan, staged: plan })
    }

    fn commit(&mut self, staged: u32, now: &Arc<Generation<u32>>) {
        assert_eq!((staged, max_in_flight(&now.checked)), (now.plan, now.plan));
        self.committed.fetch_add(1, Ordering::SeqCst);
    }

    fn vitals(&self, now: &Generation<u32>) -> Vitals {
        if let Some(handle) = self.stops.lock().unwrap().take() {
            handle.stop();
        }
        self.vitals.lock().unwrap().get(&now.plan).copied().unwrap_or_default()
    }
}

fn max_in_flight(checked: &Checked) -> u32 {
    let value = &checked.value()["limits"]["max_in_flight"];
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

/// A configuration whose `max_in_flight` is `n`; by events alone, the poll is five minutes.
pub(crate) fn text(n: u32) -> String {
    polled(n, "5m")
}

/// A configuration whose `max_in_flight` is `n`, looked at this often.
pub(crate) fn polled(n: u32, poll: &str) -> String {
    format!("version = 1\n[reload]\npoll_interval = \"{poll}\"\n[limits]\nmax_in_flight = {n}\n")
}

/// A configuration whose `max_in_flight` is `n`, watched for that long.
pub(crate) fn on_trial(n: u32, probation: &str) -> String {
    format!(
        "version = 1\n[reload]\npoll_interval = \"5m\"\nprobation = \"{probation}\"\n[limits]\nmax_in_flight = {n}\n"
    )
}

/// A configuration in force.
pub(crate) struct Rig {
    pub(crate) running: Running<u32>,
    pub(crate) probe: Probe,
    file: PathBuf,
    /// Removed with the rig.
    temporary: Option<TempDir>,
}

impl Rig {
    /// `ops.toml` in a new folder, in force.
    pub(crate) async fn start(content: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("ops.toml");
        fs::write(&file, content).unwrap();
        let mut rig = Self::on(&file).await.unwrap();
        rig.temporary = Some(folder);
        rig
    }

    /// What runs already, on this file.
    pub(crate) fn of(running: Running<u32>, file: &Path) -> Self {
        Self { running, probe: Probe::default(), file: file.to_owned(), temporary: None }
    }

    /// A file that is there, in force.
    pub(crate) async fn on(file: &Path) -> Result<Self, Report> {
        let probe = Probe::default();
        let running = reload::start(Sources::from_file(file), probe.clone()).await?;
        Ok(Self { running, probe, file: file.to_owned(), temporary: None })
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    pub(crate) fn folder(&self) -> &Path {
        self.file.parent().unwrap()
    }

    pub(crate) fn now(&self) -> Arc<Generation<u32>> {
        self.running.live.current()
    }

    pub(crate) fn status(&self) -> Arc<Status> {
        self.running.handle.status()
    }

    /// What is remembered of the newest generation.
    pub(crate) fn newest(&self) -> Arc<Entry> {
        Arc::clone(self.running.handle.history().entries().next().unwrap())
    }

    pub(crate) async fn reload(&self) -> Outcome {
        self.running.handle.reload().await
    }

    /// Saves as most editors do: a new file takes the place of the old one.
    pub(crate) fn rename_save(&self, content: &str) {
        replace(&self.file, content);
    }

    /// Returns when `max_in_flight = n` is in force.
    pub(crate) async fn until(&self, n: u32) {
        self.until_that(&format!("{n} in force"), |rig| rig.now().plan == n).await;
    }

    /// Returns when a reload was rejected there, and not before.
    pub(crate) async fn until_rejected(&self, stage: Stage) {
        self.until_that(&format!("rejected at {stage}"), |rig| rig.status().counts.rejected(stage) > 0).await;
    }

    pub(crate) async fn until_that(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = std::time::SystemTime::now();
        while !holds(self) {
            assert!(begun.elapsed().unwrap() < DEADLINE, "not so: {what}; {:?}", self.status());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// A new file takes the place of `file`.
pub(crate) fn replace(file: &Path, content: &str) {
    let new = file.with_extension("new");
    fs::write(&new, content).unwrap();
    fs::rename(&new, file).unwrap();
}

/// A symlink takes the place of whatever is at `link`.
pub(crate) fn relink(target: &str, link: &Path) {
    let new = link.with_extension("link");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => panic!("{error}"),
        _ => {}
    }
    std::os::unix::fs::symlink(target, &new).unwrap();
    fs::rename(&new, link).unwrap();
}
