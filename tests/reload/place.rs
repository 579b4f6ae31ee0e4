//! A writer in place.

use crate::rig::{pause, text, unhurried, Rig, FIRST};
use libtest_mimic::Trial;
use ops_tests::{outside::needs, wait};
use std::{fs, io::Write, path::Path, time::Duration};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        needs(&[], "place::a_file_written_at_once_is_in_force", written_at_once),
        needs(&[], "place::a_file_written_in_pieces_is_in_force_when_it_is_whole", written_in_pieces),
        needs(&[], "place::a_writer_that_stalls_for_seconds_is_waited_for", stalled),
        needs(&[], "place::a_writer_that_never_closes_is_not_waited_for_for_ever", never_closed),
        needs(&[], "place::the_beginning_of_what_is_in_force_is_no_save", cut_short),
        needs(&[], "place::settle_is_what_the_file_says", settled_later),
    ]
}

/// Writes a text in pieces with pauses between them, and closes the file.
pub(crate) async fn write_slowly(file: &Path, text: &str, cuts: &[usize], millis: u64) {
    let mut open = fs::File::create(file).unwrap();
    let mut from = 0;
    for to in cuts {
        open.write_all(&text.as_bytes()[from..*to]).unwrap();
        from = *to;
        pause(millis).await;
    }
    open.write_all(&text.as_bytes()[from..]).unwrap();
}

/// Where a text may be cut so that what comes before is a valid configuration of another meaning.
pub(crate) fn seams(text: &str) -> Vec<usize> {
    text.match_indices("\n[").map(|(at, _)| at + 1).collect()
}

async fn written_at_once() {
    let mut rig = Rig::start().await;
    for _ in 0..4 {
        rig.edit_by("in place", |file, n| fs::write(file, text(n)).unwrap()).await;
    }
}

/// Pauses shorter and longer than the 50 ms of `settle`; behind whole tables, and in the middle of a word.
async fn written_in_pieces() {
    let mut rig = Rig::start().await;
    for millis in [5, 40, 60, 200] {
        rig.edit("cut behind tables", async |file, n| {
            let text = text(n);
            write_slowly(file, &text, &seams(&text), millis).await;
        })
        .await;
        rig.edit("cut anywhere", async |file, n| {
            let text = text(n);
            let cuts: Vec<usize> = (1..6).map(|part| text.len() * part / 6).collect();
            write_slowly(file, &text, &cuts, millis).await;
        })
        .await;
    }
}

/// As a copy over a network does. What is there until then would be valid.
async fn stalled() {
    let mut rig = Rig::start().await;
    rig.edit("stalled", async |file, n| {
        let text = text(n);
        write_slowly(file, &text, &[text.find("[limits]").unwrap()], 4000).await;
    })
    .await;
}

async fn never_closed() {
    let mut rig = Rig::start().await;
    rig.n += 1;
    let mut open = fs::File::create(&rig.file).unwrap();
    open.write_all(text(rig.n).as_bytes()).unwrap();
    pause(3000).await;
    assert_eq!(rig.in_force().await, u64::from(FIRST), "it may not be whole");
    wait::until("the save", Duration::from_secs(20), || async {
        (rig.in_force().await == u64::from(rig.n)).then_some(())
    })
    .await;
    drop(open);
    rig.edit_by("in place", |file, n| fs::write(file, text(n)).unwrap()).await;
}

/// A writer that ended half way, without a word, and another that did not.
async fn cut_short() {
    let mut rig = Rig::start().await;
    for table in ["[limits]", "[breakers.last]"] {
        rig.edit("cut short, then written", async |file, n| {
            let whole = text(n - 1);
            fs::write(file, &whole[..whole.find(table).unwrap()]).unwrap();
            pause(1000).await;
            fs::write(file, text(n)).unwrap();
        })
        .await;
    }
}

/// No event tells when this writer is done, so how long a pause may be is the operator's to say.
async fn settled_later() {
    let mut rig = Rig::start().await;
    rig.edit_by("a longer settle", |file, n| fs::write(file, unhurried(n)).unwrap()).await;
    let folder = tempfile::tempdir_in(rig.folder()).unwrap();
    let elsewhere = folder.path().join("same");
    fs::hard_link(&rig.file, &elsewhere).unwrap();
    rig.edit("by another name", async |_, n| {
        let text = unhurried(n);
        write_slowly(&elsewhere, &text, &seams(&text), 200).await;
    })
    .await;
}
