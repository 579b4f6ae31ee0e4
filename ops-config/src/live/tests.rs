use super::{Generation, Live, Publisher};
use crate::{
    check::{check, Checked},
    source::{Sources, Texts},
};
use proptest::{collection::vec, prelude::*};
use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Barrier,
    },
    thread,
    time::SystemTime,
};

/// Configurations that can be told apart: the n-th has `max_in_flight = n + 1`.
fn configurations(count: u64) -> Vec<Arc<Checked>> {
    let sources = Sources::from_file("ops.toml");
    let text = |n| format!("version = 1\n[limits]\nmax_in_flight = {}\n", n + 1);
    let texts = |n| Texts::from_bytes("ops.toml", text(n).into_bytes()).unwrap();
    (0..count).map(|n| Arc::new(check(&sources, &texts(n)).unwrap())).collect()
}

/// The generation `seq`, which says so in its number, its configuration and its plan.
fn generation(seq: u64, of: &[Arc<Checked>]) -> Generation<u64> {
    let checked = Arc::clone(&of[index(seq, of)]);
    Generation { seq, loaded_at: SystemTime::UNIX_EPOCH, checked, plan: seq }
}

fn index(seq: u64, of: &[Arc<Checked>]) -> usize {
    usize::try_from(seq).unwrap() % of.len()
}

/// Whether all parts of a generation are of the same one.
fn is_whole(generation: &Generation<u64>, of: &[Arc<Checked>]) -> bool {
    generation.plan == generation.seq
        && generation.checked.sha256() == of[index(generation.seq, of)].sha256()
        && Arc::ptr_eq(&generation.checked, &of[index(generation.seq, of)])
}

/// Feature: production-excellence, Property 19: no reader ever sees two generations mixed, nor an
/// older one after a newer.
#[test]
fn threads_see_whole_generations_that_never_go_back() {
    const LAST: u64 = 20_000;
    let of = configurations(7);
    let (mut publisher, live) = Publisher::new(generation(1, &of));
    let begin = Barrier::new(5);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        for cached in [true, true, false, false] {
            let (live, of, begin, ended) = (live.clone(), &of, &begin, &ended);
            scope.spawn(move || {
                let mut reader = live.reader();
                let mut newest = 0;
                begin.wait();
                loop {
                    // Read before the look: what was published before the end must then be seen.
                    let last = ended.load(Ordering::Acquire);
                    let now = if cached { Arc::clone(reader.get()) } else { live.current() };
                    assert!(is_whole(&now, of), "mixed: {now:?}");
                    assert!(now.seq >= newest, "{} after {newest}", now.seq);
                    newest = now.seq;
                    if last {
                        break assert_eq!(newest, LAST);
                    }
                }
            });
        }
        begin.wait();
        for seq in 2..=LAST {
            assert_eq!(publisher.publish(generation(seq, &of)).seq, seq - 1);
        }
        ended.store(true, Ordering::Release);
    });
}

#[derive(Clone, Debug)]
enum Act {
    Publish,
    Read(usize),
    Pin(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![Just(Act::Publish), (0..3usize).prop_map(Act::Read), (0..3usize).prop_map(Act::Pin)]
}

fn pin(live: &Live<u64>) -> Arc<Generation<u64>> {
    live.current()
}

proptest! {
    /// Feature: production-excellence, Property 19: whoever reads sees the newest, and what was
    /// pinned stays what it was.
    #[test]
    fn readers_see_the_newest_and_pins_stay(acts in vec(act(), 1..60)) {
        let of = configurations(3);
        let (mut publisher, live) = Publisher::new(generation(1, &of));
        let mut readers = [live.reader(), live.reader(), live.clone().reader()];
        let mut pins = [1, 1, 1].map(|seq| (seq, pin(&live)));
        let mut newest = 1;
        for act in acts {
            match act {
                Act::Publish => {
                    newest += 1;
                    publisher.publish(generation(newest, &of));
                }
                Act::Read(n) => prop_assert_eq!(readers[n].get().seq, newest),
                Act::Pin(n) => pins[n] = (newest, pin(&live)),
            }
            prop_assert_eq!(publisher.current().seq, newest);
            for (seq, pinned) in &pins {
                prop_assert_eq!(pinned.seq, *seq);
                prop_assert!(is_whole(pinned, &of));
            }
        }
    }
}
