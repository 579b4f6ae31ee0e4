//! The machine behind those rules. Time is an argument, and so is all that is read.

use super::{
    super::{Sight, View},
    burst::Burst,
    doubt::Doubt,
    mark::Mark,
    term::{At, Heard, Pace, Step},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long something that looks half written must stay as it is.
const UNFINISHED: Duration = Duration::from_secs(2);

/// How long a writer may pause that was not heard to close the file. Its close will be heard, so
/// this is long: a copy over a slow network stalls for seconds. It ends, for one that writes a
/// file and then keeps it open for ever must not keep it from being in force.
const OPEN: Duration = Duration::from_secs(10);

/// How long a writer that never comes to rest keeps what stands in other files from being judged. After
/// it, a pause of the settle time in its writing is enough, as if it were not heard at all.
const HELD: Duration = Duration::from_mins(1);

/// How long a look waits for an event that says more: most writers close a file right after its last
/// part, and then one look does. Also the least time between two looks in a storm of saves.
const GAP: Duration = Duration::from_millis(10);

/// How long a reload that was asked for waits for a writer to finish.
const PATIENCE: Duration = Duration::from_secs(10);

/// Decides when to look and when what was seen may be judged.
///
/// A content is judged once: what was judged, good or bad, is not judged again until it differs
/// or a reload is asked for.
#[derive(Debug)]
pub struct Settle {
    live: View,
    judged: View,
    seen: Option<Seen>,
    marks: BTreeMap<PathBuf, Mark>,
    looked_at: At,
    /// Whether the last look began too long after an event to know what it was said of.
    late: bool,
    look_by: Option<At>,
    asked: Option<At>,
    burst: Burst,
}

/// A view that differs from the one judged last.
#[derive(Debug)]
struct Seen {
    view: View,
    since: At,
    /// Since when there is something to judge in files that nobody has open, all of them as they are.
    waits: Option<At>,
    tried: bool,
}

impl Settle {
    /// A machine for files that hold what is in force. A first look is due at once: they may have
    /// changed before anybody watched.
    #[must_use]
    pub fn new(live: View, now: At) -> Self {
        let judged = live.clone();
        Self {
            live,
            judged,
            seen: None,
            marks: BTreeMap::new(),
            looked_at: now,
            late: false,
            look_by: Some(now),
            asked: None,
            burst: Burst::default(),
        }
    }

    /// Takes note of an event; `file` is none where it named none of the files.
    pub fn heard(&mut self, file: Option<&Path>, heard: Heard, now: At) {
        if let (Some(file), Heard::Whole | Heard::Writing) = (file, heard) {
            self.marks.insert(file.to_owned(), Mark::new(heard, now));
            self.burst.changed(now);
        }
        if heard == Heard::Writing {
            if let Some(seen) = &mut self.seen {
                seen.since = now;
            }
        }
        self.look_at(match heard {
            // Two late looks in a row, and a storm of just this rhythm would never be looked into.
            Heard::Whole if self.burst.is_storm() && !self.late => now.max(self.looked_at.saturating_add(GAP)),
            Heard::Whole => now,
            Heard::Writing | Heard::Unclear => now.saturating_add(GAP),
        });
    }

    /// Takes note that a reload was asked for: the next view is judged, also if it was before.
    pub fn asked(&mut self, now: At) {
        self.asked.get_or_insert(now);
        self.look_at(now);
    }

    /// Takes note that nobody waits for a verdict any more.
    pub const fn withdraw(&mut self) {
        self.asked = None;
    }

    /// Whether somebody waits for a verdict.
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// When to look next.
    #[must_use]
    pub fn due(&self, pace: Pace) -> At {
        let poll = self.looked_at.saturating_add(pace.poll);
        self.look_by.map_or(poll, |at| at.min(poll))
    }

    /// A look begins.
    pub fn looking(&mut self, now: At) {
        self.looked_at = now;
        self.look_by = None;
        let before = self.marks.len();
        self.marks.retain(|_, mark| mark.looking(now));
        self.late = self.marks.len() < before;
    }

    /// Takes what the look found and says what to do with it. All that happened until the look's
    /// end has been [heard](Self::heard) before: a file that was written meanwhile is looked at anew.
    pub fn looked(&mut self, view: View, now: At, pace: Pace) -> Step {
        if view == self.judged {
            self.seen = None;
            if self.asked.is_none() {
                self.forget_wholes();
                return Step::Wait;
            }
        }
        self.forget_outlived(&view);
        let waits = self.waits(&view, now);
        let held_until = waits.map(|at| at.saturating_add(HELD));
        let doubt = self.doubt(&view, held_until.is_some_and(|at| now >= at));
        let seen = match self.seen.take() {
            Some(seen) if seen.view == view => Seen { waits, ..seen },
            _ => {
                self.burst.changed(now);
                Seen { view, since: now, waits, tried: false }
            }
        };
        let (since, tried) = (seen.since, seen.tried);
        self.seen = Some(seen);

        let ready = self.ready(since, doubt, tried, pace);
        let look_by = held_until.filter(|at| doubt == Doubt::Open && *at > now).map_or(ready, |at| at.min(ready));
        let disturbed = self.marks.values().any(Mark::is_new);
        if now >= ready && !disturbed {
            if self.asked.is_none() && !tried {
                self.burst.judged(now);
            }
            let sure = doubt != Doubt::Called || tried || self.asked.is_some();
            return if sure { Step::Judge } else { Step::Try };
        }
        // A storm that disturbs every look must not make one follow the other without a pause.
        self.look_at(look_by.max(if disturbed { now.saturating_add(GAP) } else { now }));
        match self.asked {
            Some(asked) if now >= asked.saturating_add(PATIENCE) => {
                self.asked = None;
                // This was a rejection, so what is found at rest is judged, whatever it is.
                self.judged.clear();
                Step::Busy
            }
            _ => Step::Wait,
        }
    }

    /// What [`Step::Try`] found does not check out: it may be half of something.
    pub fn not_yet(&mut self, pace: Pace) {
        if let Some(seen) = &mut self.seen {
            seen.tried = true;
            let ready = seen.since.saturating_add(pace.settle);
            self.look_at(ready);
        }
    }

    /// Something changed while it was judged: there is no verdict, and another look is due.
    pub fn moved(&mut self, now: At) {
        self.seen = None;
        self.look_at(now.saturating_add(GAP));
    }

    /// The verdict on `view`: in force now, or rejected.
    pub fn concluded(&mut self, view: View, good: bool) {
        if good {
            self.live = view.clone();
        }
        self.judged = view;
        self.seen = None;
        self.forget_wholes();
        self.asked = None;
    }

    /// What is in force is what these files held once, whatever they hold now. Files that were not
    /// looked at before count as judged as they were then. Where they hold just that, the next look says so.
    pub fn restored(&mut self, live: View, now: At) {
        if live.iter().all(|(path, sight)| self.judged.get(path) == Some(sight)) {
            self.judged.clear();
            self.look_at(now);
        } else {
            for (path, sight) in &live {
                self.judged.entry(path.clone()).or_insert_with(|| sight.clone());
            }
        }
        self.live = live;
    }

    fn look_at(&mut self, at: At) {
        self.look_by = Some(self.look_by.map_or(at, |by| by.min(at)));
    }

    /// "Whole" was said of the content of its time: of one that came later, unheard, it says nothing.
    fn forget_outlived(&mut self, view: &View) {
        let before = self.seen.as_ref().map_or(&self.judged, |seen| &seen.view);
        self.marks.retain(|path, mark| !mark.is_old() || mark.is_writing() || before.get(path) == view.get(path));
    }

    /// A writer still has its file open, whatever was judged meanwhile; and what was heard during
    /// the look is about the next one.
    fn forget_wholes(&mut self) {
        self.marks.retain(|_, mark| mark.is_writing() || mark.is_new());
    }

    /// From when on what has stood since `since` may be judged.
    fn ready(&self, since: At, doubt: Doubt, tried: bool, pace: Pace) -> At {
        let hold = match doubt {
            // Who asks vouches that no save is under way that was not heard of.
            Doubt::None | Doubt::Called | Doubt::Quiet if self.asked.is_some() => Duration::ZERO,
            Doubt::None => return self.burst.ready(since, pace.settle),
            Doubt::Called if !tried => return self.burst.ready(since, pace.settle),
            Doubt::Called | Doubt::Quiet | Doubt::Held => pace.settle,
            Doubt::Unfinished => UNFINISHED.max(pace.settle),
            Doubt::Open => OPEN.max(pace.settle),
        };
        since.saturating_add(hold)
    }

    fn waits(&self, view: &View, now: At) -> Option<At> {
        let differs = |(path, sight): (&PathBuf, &Sight)| {
            self.judged.get(path) != Some(sight) && self.live.get(path) != Some(sight)
        };
        if !self.at_rest(view).any(differs) {
            return None;
        }
        let before = self.seen.as_ref().filter(|seen| self.at_rest(&seen.view).eq(self.at_rest(view)));
        before.and_then(|seen| seen.waits).or(Some(now))
    }

    /// The files that nobody was heard to have open.
    fn at_rest<'v>(&'v self, view: &'v View) -> impl Iterator<Item = (&'v PathBuf, &'v Sight)> {
        view.iter().filter(|(path, _)| !self.marks.get(*path).is_some_and(Mark::is_writing))
    }

    fn doubt(&self, view: &View, held: bool) -> Doubt {
        let changed = view.iter().filter(|(path, sight)| self.judged.get(*path) != Some(*sight));
        changed.map(|(path, sight)| self.doubt_of(path, sight, held)).max().unwrap_or(Doubt::None)
    }

    fn doubt_of(&self, path: &Path, sight: &Sight, held: bool) -> Doubt {
        let live = self.live.get(path);
        let mark = self.marks.get(path);
        if live == Some(sight) {
            Doubt::None
        } else if mark.is_some_and(Mark::is_writing) && !held {
            Doubt::Open
        } else if sight.is_nothing() && self.asked.is_some() {
            // It can only be rejected, so who asks need not wait.
            Doubt::Quiet
        } else if sight.is_nothing() || live.is_some_and(|live| sight.is_beginning_of(live)) {
            Doubt::Unfinished
        } else if mark.is_some_and(Mark::is_writing) {
            Doubt::Held
        } else if mark.is_some_and(Mark::is_whole) {
            Doubt::Called
        } else {
            Doubt::Quiet
        }
    }
}
