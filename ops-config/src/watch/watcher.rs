//! The shell around the system's file events.

use super::{mount::is_mount, sight::look, FileSystem, Hops, Inbox, View};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    panic::{catch_unwind, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::Arc,
};

/// How often the chains are derived again while they change under our hands.
const ROUNDS: usize = 3;

/// How many answers of the thread that hears are waited for.
const ANSWERS: usize = 3;

/// Which folder, or mounted file, a name stood for when it was watched.
type Identity = (u64, u64);

/// How events come to the inbox; the system may refuse.
type Open = fn(Arc<Inbox>) -> notify::Result<RecommendedWatcher>;

/// Asks for events in every folder through which a watched file can change.
///
/// It watches folders, not files: a watch on a file ends with the first save by rename. A file
/// that is mounted by itself is watched too: a name that is a mount cannot be renamed over. Where
/// the system refuses (a limit of watches or of instances) it says so once, goes on without, and
/// tries again at each look: the poll finds what events do not tell.
#[derive(Debug)]
pub struct Watcher {
    pub(super) open: Open,
    inbox: Arc<Inbox>,
    events: Option<RecommendedWatcher>,
    folders: BTreeMap<PathBuf, Identity>,
    polling: bool,
}

impl Watcher {
    /// A watcher of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::opened_by(|inbox| notify::recommended_watcher(move |report| inbox.put(report)))
    }

    pub(super) fn opened_by(open: Open) -> Self {
        Self { open, inbox: Arc::default(), events: None, folders: BTreeMap::new(), polling: false }
    }

    /// Where events are noted.
    #[must_use]
    pub fn inbox(&self) -> Arc<Inbox> {
        Arc::clone(&self.inbox)
    }

    /// Whether some folder gives no events, so that only the poll finds changes there.
    #[must_use]
    pub const fn is_polling(&self) -> bool {
        self.polling
    }

    /// Looks at `files`. Watches before it looks, so that no change falls between; and when it
    /// returns, all that was to be heard of changes before the look is in the inbox.
    ///
    /// Waits for the disk; not for an async thread.
    pub fn look(&mut self, files: &BTreeSet<PathBuf>) -> View {
        self.follow(files);
        let view = look(files);
        self.catch_up();
        view
    }

    /// Waits until all that has happened so far has been heard.
    fn catch_up(&mut self) {
        let Some(events) = &mut self.events else { return };
        // The thread that hears answers a request that changes nothing, and hears between two turns
        // at its requests. The first answer may come before it hears what had happened by then. So may
        // the second, where it is asked for so soon that both are answered in one turn: it is given
        // the time to end its turn, which makes that unlikely and not impossible. What is missed here
        // is heard a moment later.
        for _ in 0..ANSWERS {
            let asked = catch_unwind(AssertUnwindSafe(|| events.configure(notify::Config::default())));
            drop(asked);
            std::thread::yield_now();
        }
    }

    /// Watches whatever folders lead to `files` now.
    fn follow(&mut self, files: &BTreeSet<PathBuf>) {
        let followed = catch_unwind(AssertUnwindSafe(|| self.try_follow(files)));
        let refusal = followed.unwrap_or_else(|_| self.give_up()).err();
        match (&refusal, self.polling) {
            (Some(error), false) => {
                tracing::warn!(name: "config.watch_refused", %error, "config watch refused: polling");
            }
            (None, true) => tracing::info!(name: "config.watch_restored", "config watch restored"),
            _ => {}
        }
        self.polling = refusal.is_some();
    }

    /// The library's own thread is gone, and each call to it panics, its drop too.
    fn give_up(&mut self) -> notify::Result<()> {
        std::mem::forget(self.events.take());
        self.folders.clear();
        Err(notify::Error::generic("the thread that hears events has ended"))
    }

    fn try_follow(&mut self, files: &BTreeSet<PathBuf>) -> notify::Result<()> {
        if self.events.is_none() {
            self.events = Some((self.open)(self.inbox())?);
            self.folders.clear();
        }
        for folder in self.inbox.moved(self.folders.keys()) {
            self.ignore(&folder);
        }
        let mut result = Ok(());
        for _ in 0..ROUNDS {
            let (names, folders) = chains(files);
            self.inbox.listen_for(names);
            if self.folders == folders {
                break;
            }
            result = self.watch(&folders);
        }
        result
    }

    /// Makes `wanted` what is watched. Goes on after a refusal: one folder more is one folder better.
    fn watch(&mut self, wanted: &BTreeMap<PathBuf, Identity>) -> notify::Result<()> {
        let current = std::mem::take(&mut self.folders);
        for (folder, identity) in current {
            if wanted.get(&folder) == Some(&identity) {
                self.folders.insert(folder, identity);
            } else {
                self.ignore(&folder);
            }
        }
        let mut result = Ok(());
        for (folder, identity) in
            wanted.iter().filter(|(folder, _)| !self.folders.contains_key(*folder)).collect::<Vec<_>>()
        {
            let Some(events) = &mut self.events else { break };
            match events.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.folders.insert(folder.clone(), *identity);
                }
                // Gone between the two calls: the next round finds what is there instead.
                Err(error) if is_gone(&error) => {}
                Err(error) => result = Err(error),
            }
        }
        result
    }

    fn ignore(&mut self, folder: &Path) {
        self.folders.remove(folder);
        if let Some(events) = &mut self.events {
            // An error means that the system has forgotten it already.
            drop(events.unwatch(folder));
        }
    }
}

impl Default for Watcher {
    fn default() -> Self {
        Self::new()
    }
}

type Names = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// The names that lead to `files`, and the folders they are in.
fn chains(files: &BTreeSet<PathBuf>) -> (Names, BTreeMap<PathBuf, Identity>) {
    let mut names = Names::new();
    let mut folders = BTreeMap::new();
    for file in files {
        // Only where there is no current folder; then events do not come and the poll is left.
        let Ok(path) = std::path::absolute(file) else { continue };
        let hops = Hops::of(&path, &FileSystem);
        for name in hops.names {
            names.entry(name).or_default().insert(file.clone());
        }
        // A folder that is missing shows up in the nearest one above it that is there.
        folders.extend(hops.folders.iter().filter_map(|folder| folder.ancestors().find_map(identified)));
        folders.extend(hops.real.filter(|file| is_mount(file)).and_then(mounted));
    }
    (names, folders)
}

fn identified(folder: &Path) -> Option<(PathBuf, Identity)> {
    let found = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
    Some((folder.to_owned(), identity(&found)))
}

fn mounted(file: PathBuf) -> Option<(PathBuf, Identity)> {
    let found = fs::metadata(&file).ok()?;
    Some((file, identity(&found)))
}

#[cfg(unix)]
fn identity(found: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

#[cfg(not(unix))]
const fn identity(_: &fs::Metadata) -> Identity {
    (0, 0)
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}
