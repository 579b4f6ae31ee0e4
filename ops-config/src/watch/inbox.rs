//! What events said, until somebody asks.

use super::Heard;
use notify::{
    event::{AccessKind, AccessMode, ModifyKind, RenameMode},
    Event, EventKind,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Whether a writer is heard to close a file; elsewhere the first event is all there is.
const HEARS_CLOSE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// What events said, until somebody asks. Holds one note for each file, however many events come.
#[derive(Debug, Default)]
pub struct Inbox {
    notes: Mutex<Notes>,
    bell: Notify,
}

#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Which files a name leads to.
    names: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    heard: BTreeMap<Option<PathBuf>, Heard>,
    pub(super) moved: BTreeSet<PathBuf>,
    lost: bool,
}

impl Inbox {
    /// Returns when there is something to [`take`](Self::take), maybe once too often.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Takes what was heard: for each file the last word, and one note for all the rest.
    #[must_use]
    pub fn take(&self) -> Vec<(Option<PathBuf>, Heard)> {
        std::mem::take(&mut self.notes().heard).into_iter().collect()
    }

    /// Takes note of what the system reports.
    pub fn put(&self, report: notify::Result<Event>) {
        let event = match report {
            Ok(event) if event.need_rescan() => return self.lose(),
            Ok(event) => event,
            Err(_) => return self.lose(),
        };
        let Some(heard) = meaning(event.kind) else { return };
        let moves = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
        let mut notes = self.notes();
        let mut concerns = false;
        for path in &event.paths {
            if notes.hear(path, heard) {
                concerns = true;
                if moves {
                    notes.moved.insert(path.clone());
                }
            }
        }
        drop(notes);
        if concerns {
            self.bell.notify_one();
        }
    }

    /// Sets which names lead to which files.
    pub(super) fn listen_for(&self, names: BTreeMap<PathBuf, BTreeSet<PathBuf>>) {
        self.notes().names = names;
    }

    /// Those of `folders` that may no longer be what is watched under their name.
    pub(super) fn moved<'f>(&self, folders: impl Iterator<Item = &'f PathBuf>) -> Vec<PathBuf> {
        let mut notes = self.notes();
        let all = std::mem::take(&mut notes.lost);
        let moved = std::mem::take(&mut notes.moved);
        folders.filter(|folder| all || moved.contains(*folder)).cloned().collect()
    }

    /// Events were lost: anything may have happened.
    fn lose(&self) {
        let mut notes = self.notes();
        notes.lost = true;
        notes.heard.insert(None, Heard::Unclear);
        drop(notes);
        self.bell.notify_one();
    }

    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    /// Whether it concerns any of the files: other files of their folders come and go as they like.
    fn hear(&mut self, path: &Path, heard: Heard) -> bool {
        match self.names.get(path) {
            Some(files) if heard != Heard::Unclear => {
                let notes = files.iter().map(|file| (Some(file.clone()), heard));
                self.heard.extend(notes);
            }
            // A name that leads to one, or a folder on the way.
            _ if self.names.keys().any(|name| name.starts_with(path)) => {
                self.heard.insert(None, Heard::Unclear);
            }
            _ => return false,
        }
        true
    }
}

/// What an event of this kind says; none for those our own reading raises.
fn meaning(kind: EventKind) -> Option<Heard> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => Some(Heard::Whole),
        EventKind::Access(_) => None,
        EventKind::Modify(ModifyKind::Data(_)) if HEARS_CLOSE => Some(Heard::Writing),
        _ => Some(Heard::Unclear),
    }
}
