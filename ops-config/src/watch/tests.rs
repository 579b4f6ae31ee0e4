use super::{Heard, Inbox, View, Watcher};
use notify::{
    event::{AccessKind, AccessMode, CreateKind, DataChange, Flag, ModifyKind, RemoveKind, RenameMode},
    Event, EventKind,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};
use tempfile::tempdir;

const NAME: &str = "/etc/ops/ops.toml";

fn inbox() -> Inbox {
    let inbox = Inbox::default();
    inbox.listen_for(BTreeMap::from([(NAME.into(), BTreeSet::from(["ops.toml".into()]))]));
    inbox
}

fn hear(inbox: &Inbox, kind: EventKind, path: &str) {
    inbox.put(Ok(Event::new(kind).add_path(path.into())));
}

const CLOSE: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
const WRITE: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
const MOVE: EventKind = EventKind::Modify(ModifyKind::Name(RenameMode::To));

#[test]
fn what_our_own_reading_raises_is_not_heard() {
    let inbox = inbox();
    for kind in [AccessKind::Open(AccessMode::Any), AccessKind::Read, AccessKind::Close(AccessMode::Read)] {
        hear(&inbox, EventKind::Access(kind), NAME);
    }
    assert_eq!(inbox.take(), []);
}

#[test]
fn the_last_word_about_a_file_counts() {
    let cases = [
        (vec![WRITE], Heard::Writing),
        (vec![WRITE, WRITE, CLOSE], Heard::Whole),
        (vec![CLOSE, WRITE], Heard::Writing),
        (vec![WRITE, MOVE], Heard::Whole),
    ];
    for (kinds, heard) in cases {
        let inbox = inbox();
        for kind in &kinds {
            hear(&inbox, *kind, NAME);
        }
        assert_eq!(inbox.take(), [(Some("ops.toml".into()), heard)], "{kinds:?}");
        assert_eq!(inbox.take(), [], "taken twice");
    }
}

#[test]
fn other_files_of_the_folder_are_not_heard() {
    let inbox = inbox();
    for kind in [EventKind::Create(CreateKind::Any), WRITE, CLOSE, MOVE, EventKind::Remove(RemoveKind::Any)] {
        hear(&inbox, kind, "/etc/ops/ops.toml~");
        hear(&inbox, kind, "/etc/ops.toml");
    }
    assert_eq!(inbox.take(), []);
    assert!(inbox.notes().moved.is_empty(), "what nobody takes would grow for ever");
}

#[test]
fn a_folder_on_the_way_to_a_file_means_a_look() {
    for folder in ["/etc/ops", "/etc"] {
        let inbox = inbox();
        for _ in 0..1000 {
            hear(&inbox, EventKind::Create(CreateKind::Any), folder);
        }
        assert_eq!(inbox.take(), [(None, Heard::Unclear)]);
    }
}

#[test]
fn what_was_lost_means_a_look_and_every_folder_anew() {
    let folders = [PathBuf::from("/a"), PathBuf::from("/b")];
    for report in [Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)), Err(notify::Error::generic("lost"))] {
        let inbox = inbox();
        inbox.put(report);
        assert_eq!(inbox.take(), [(None, Heard::Unclear)]);
        assert_eq!(inbox.moved(folders.iter()), folders);
        assert!(inbox.moved(folders.iter()).is_empty(), "told twice");
    }
}

/// What is heard of a look ends with the look: nothing that came before it is still on its way.
#[test]
fn all_that_happened_before_a_look_is_heard_with_it() {
    let folder = tempdir().unwrap();
    let file = folder.path().canonicalize().unwrap().join("ops.toml");
    let files = BTreeSet::from([file.clone()]);
    fs::write(&file, "0").unwrap();
    let mut watcher = Watcher::new();
    watcher.look(&files);
    for n in 1..200 {
        fs::write(&file, n.to_string()).unwrap();
        let view: View = watcher.look(&files);
        assert_eq!(view[&file].content().unwrap(), n.to_string().as_bytes());
        assert_eq!(watcher.inbox().take(), [(Some(file.clone()), Heard::Whole)], "save {n}");
    }
    assert!(!watcher.is_polling());
}

#[test]
fn a_folder_that_is_not_there_is_no_reason_to_poll() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("a/b/ops.toml");
    let files = BTreeSet::from([file.clone()]);
    let mut watcher = Watcher::new();
    assert_eq!(watcher.look(&files)[&file].content(), None);
    assert!(!watcher.is_polling());
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    watcher.look(&files);
    drop(watcher.inbox().take());
    fs::write(&file, "x").unwrap();
    watcher.look(&files);
    assert!(watcher.inbox().take().contains(&(Some(file), Heard::Whole)));
}

#[test]
fn where_the_system_refuses_events_looks_go_on_until_it_gives_them() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ops.toml");
    let files = BTreeSet::from([file.clone()]);
    fs::write(&file, "1").unwrap();
    let mut watcher = Watcher::opened_by(|_| Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch)));
    for _ in 0..3 {
        assert!(watcher.look(&files)[&file].content().is_some());
        assert!(watcher.is_polling());
    }
    watcher.open = Watcher::new().open;
    watcher.look(&files);
    assert!(!watcher.is_polling());
    fs::write(&file, "2").unwrap();
    watcher.look(&files);
    assert_eq!(watcher.inbox().take().len(), 1);
}
