//! A written model of a disk, its events, and who acts on what the machine says.
//!
//! The one oracle of saves: the properties judge by it, and so does the fuzz target, which
//! includes this file. It therefore takes what it is about from the module around it.

use super::{At, Heard, Pace, Settle, Sight, Step, View};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

/// Longer than anything the machine waits for.
pub(super) const LONG: u64 = 20_000;
const FIRST: &str = "ok first\nend\n";

pub(super) const fn ms(millis: u64) -> At {
    Duration::from_millis(millis)
}

pub(super) fn file() -> &'static Path {
    Path::new("/ops.toml")
}

pub(super) fn sight(content: &str) -> Sight {
    Sight::Content(content.as_bytes().into())
}

pub(super) fn view(sight: Sight) -> View {
    View::from([(PathBuf::from(file()), sight)])
}

/// What becomes of the events of one save.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fate {
    /// How often each comes: not at all, once, twice.
    pub(super) events: u8,
    /// Whether a look reads just before each change and hears of it before it is acted on.
    pub(super) straddled: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Save {
    Rename(String),
    /// Written in place in parts with pauses between them.
    InPlace(String, Vec<(u8, u16)>),
    Remove,
    Truncate,
    Touch,
}

fn good(content: &str) -> bool {
    content.starts_with("ok")
}

/// A disk with one file, a machine that watches it, and who acts on what it says.
pub(super) struct World {
    settle: Settle,
    pace: Pace,
    pub(super) now: At,
    disk: Sight,
    pub(super) in_force: String,
    whole: BTreeSet<String>,
    judged: u64,
    /// How often it was written in place without an event.
    unheard: u64,
    /// How often a content was read as a configuration, with whatever verdict.
    pub(super) examined: u64,
}

impl World {
    pub(super) fn new(pace: Pace) -> Self {
        let settle = Settle::new(view(sight(FIRST)), ms(0));
        let whole = BTreeSet::from([FIRST.to_owned()]);
        Self {
            settle,
            pace,
            now: ms(0),
            disk: sight(FIRST),
            in_force: FIRST.into(),
            whole,
            judged: 0,
            unheard: 0,
            examined: 0,
        }
    }

    /// Lets time pass, with every look that falls due.
    pub(super) fn pass(&mut self, millis: u64) {
        let end = self.now + ms(millis);
        while self.settle.due(self.pace) <= end {
            self.now = self.now.max(self.settle.due(self.pace));
            self.turn();
        }
        self.now = end;
    }

    fn turn(&mut self) {
        self.settle.looking(self.now);
        self.act(&self.disk.clone());
    }

    /// Does what the machine says after a look that found `sight`.
    fn act(&mut self, sight: &Sight) {
        let seen = view(sight.clone());
        let step = self.settle.looked(seen.clone(), self.now, self.pace);
        if matches!(step, Step::Wait | Step::Busy) {
            return;
        }
        self.examined += 1;
        match text(sight).filter(|content| good(content)) {
            Some(content) => {
                assert!(self.whole.contains(&content), "half a save is in force: {content:?}");
                self.in_force = content;
                self.settle.concluded(seen, true);
            }
            None if step == Step::Try => return self.settle.not_yet(self.pace),
            None => self.settle.concluded(seen, false),
        }
        self.judged += 1;
    }

    /// One change of the disk with its events; a look may have read before it and end after it.
    fn change(&mut self, disk: Sight, fate: Fate, heard: &[Heard]) {
        let read = self.disk.clone();
        if fate.straddled {
            self.settle.looking(self.now);
        }
        self.disk = disk;
        for heard in heard {
            let named = (*heard != Heard::Unclear).then(file);
            for _ in 0..fate.events {
                self.settle.heard(named, *heard, self.now);
            }
        }
        if fate.straddled {
            self.act(&read);
        }
    }

    pub(super) fn save(&mut self, save: &Save, fate: Fate) {
        match save {
            Save::Rename(content) => {
                self.whole.insert(content.clone());
                self.change(sight(content), fate, &[Heard::Whole]);
            }
            // No event tells that a half which a look saw before came back after the whole: only by
            // what it holds are they told apart.
            Save::InPlace(content, parts) if fate.events == 0 => {
                self.unheard += 1;
                let content = content.replacen('\n', &format!(" {}\n", self.unheard), 1);
                self.write_in_place(&content, parts, fate);
            }
            Save::InPlace(content, parts) => self.write_in_place(content, parts, fate),
            Save::Remove => self.change(Sight::Missing, fate, &[Heard::Unclear]),
            Save::Truncate => self.change(sight(""), fate, &[Heard::Writing, Heard::Whole]),
            Save::Touch => self.change(self.disk.clone(), fate, &[Heard::Whole]),
        }
    }

    fn write_in_place(&mut self, content: &str, parts: &[(u8, u16)], fate: Fate) {
        self.whole.insert(content.to_owned());
        self.change(sight(""), fate, &[Heard::Writing]);
        // Without events only quiet tells a writer that pauses from one that has ended.
        let longest = if fate.events == 0 {
            u64::try_from(self.pace.settle.as_millis()).unwrap_or(u64::MAX).saturating_sub(1)
        } else {
            9900
        };
        let mut cuts: Vec<_> = parts.iter().map(|(cut, _)| usize::from(*cut) % content.len()).collect();
        if fate.events == 0 {
            let first_line = content.find('\n').unwrap_or_default();
            cuts.retain(|cut| *cut > first_line);
        }
        cuts.sort_unstable();
        cuts.dedup();
        for (cut, (_, pause)) in cuts.into_iter().zip(parts) {
            self.change(sight(&content[..cut]), fate, &[Heard::Writing]);
            self.pass(u64::from(*pause).min(longest));
        }
        self.change(sight(content), fate, &[Heard::Writing, Heard::Whole]);
    }
}

fn text(sight: &Sight) -> Option<String> {
    sight.content().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// Saves, each with what becomes of its events and the pause after it: the value in force is the
/// last good one, every good one that stood was applied, and the watcher is alive.
pub(super) fn judge(pace: Pace, saves: &[(Save, Fate, u64)]) {
    let mut world = World::new(pace);
    let mut standing = FIRST.to_owned();
    let mut passing = BTreeSet::new();
    for (save, fate, pause) in saves {
        world.save(save, *fate);
        let content = text(&world.disk).filter(|content| good(content));
        passing.extend(content.clone());
        // No two saves within the moment for which an event vouches for what is found: the second may be unheard.
        world.pass(2 + pause);
        if *pause >= LONG {
            if let Some(content) = content {
                assert_eq!(world.in_force, content, "a good save was not applied");
                standing = content;
                passing.clear();
            }
            let judged = world.judged;
            world.pass(3 * LONG);
            assert_eq!(world.judged, judged, "one content was judged twice");
        }
        assert!(world.in_force == standing || passing.contains(&world.in_force), "{} is in force", world.in_force);
    }
    world.save(&Save::Rename("ok last\n".into()), Fate { events: 0, straddled: false });
    world.pass(LONG);
    assert_eq!(world.in_force, "ok last\n", "the watcher is not alive");
    assert!(world.examined >= world.judged, "a verdict without a look");
}
