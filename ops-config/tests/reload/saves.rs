//! Saves of one file.

use crate::rig::{polled, replace, text, Rig};
use ops_config::{
    check::Checked,
    diagnostic::KeyPath,
    reload::{Outcome, Stage},
};
use std::{fs, io::Write, os::unix::fs::PermissionsExt, time::Duration};

#[tokio::test]
async fn a_rename_save_is_in_force() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&text(2));
    rig.until(2).await;
    assert_eq!((rig.now().seq, rig.probe.committed()), (2, 2));
    assert!(matches!(rig.status().last_reload.as_ref().unwrap().outcome, Outcome::Applied { generation: 2 }));
}

#[tokio::test]
async fn a_save_in_place_is_in_force() {
    let rig = Rig::start(&text(1)).await;
    fs::write(rig.file(), text(2)).unwrap();
    rig.until(2).await;
}

#[tokio::test]
async fn saves_go_on_being_noticed() {
    let rig = Rig::start(&text(1)).await;
    for n in 2..30 {
        if n % 2 == 0 {
            rig.rename_save(&text(n));
        } else {
            fs::write(rig.file(), text(n)).unwrap();
        }
        rig.until(n).await;
    }
    assert_eq!(rig.probe.built(), (1..30).collect::<Vec<_>>());
}

/// Each line makes a configuration that checks out, so only the open writer tells it from a whole.
#[tokio::test]
async fn half_of_a_slow_save_is_never_in_force() {
    let rig = Rig::start(&text(1)).await;
    let content = format!("# rewritten\n{}mode = \"observe\"\n", text(2));
    let mut file = fs::File::create(rig.file()).unwrap();
    for line in content.lines() {
        writeln!(file, "{line}").unwrap();
        // Longer than settle: the pause is the subject of this test.
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    drop(file);
    rig.until(2).await;
    assert_eq!(rig.probe.built(), [1, 2]);
}

/// Save after save without a pause between a close and the next truncation.
#[tokio::test]
async fn half_of_a_save_right_after_another_is_never_in_force() {
    let rig = Rig::start(&text(1)).await;
    for n in 2..40 {
        let content = format!("version = 1\n# {n}\n{}", &text(n)["version = 1\n".len()..]);
        let mut file = fs::File::create(rig.file()).unwrap();
        let (first, second) = content.split_at(content.find("[limits]").unwrap());
        file.write_all(first.as_bytes()).unwrap();
        tokio::time::sleep(Duration::from_millis(4)).await;
        file.write_all(second.as_bytes()).unwrap();
    }
    rig.until(39).await;
    let built = rig.probe.built();
    assert!(built.iter().all(|n| (1..40).contains(n)), "the default of half a file was built: {built:?}");
    assert!(built.is_sorted());
}

#[tokio::test]
async fn a_thousand_rapid_saves_end_with_the_last_in_force() {
    let rig = Rig::start(&text(1)).await;
    for n in 2..=1000 {
        rig.rename_save(&text(n));
        if n % 10 == 0 {
            tokio::task::yield_now().await;
        }
    }
    rig.until(1000).await;
    assert!(rig.probe.built().is_sorted());
    assert_eq!(rig.now().seq, rig.probe.built().len() as u64);
}

#[tokio::test]
async fn the_same_content_again_changes_nothing() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&text(1));
    fs::write(rig.file(), text(1)).unwrap();
    let touched = fs::File::options().append(true).open(rig.file()).unwrap();
    touched.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    drop(touched);
    // Goes through the same queue after them.
    assert_eq!(rig.reload().await, Outcome::Unchanged);
    assert_eq!((rig.now().seq, rig.probe.built().as_slice()), (1, [1].as_slice()));
    rig.rename_save(&text(2));
    rig.until(2).await;
    let counts = rig.status().counts;
    assert_eq!((counts.applied, counts.unchanged), (1, 1), "an event alone is no reload");
}

/// Feature: production-excellence, Property 22: what means the same makes no generation.
#[tokio::test]
async fn an_edit_of_comments_makes_no_generation() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&format!("# one\n\n# two\n{}", text(1).replace(" = ", "=")));
    rig.until_that("unchanged", |rig| rig.status().counts.unchanged == 1).await;
    assert_eq!((rig.now().seq, rig.probe.built().as_slice()), (1, [1].as_slice()));
    let line = |checked: &Checked| {
        let key = KeyPath::from_iter(["limits", "max_in_flight"]);
        checked.origins()[&key].position().unwrap().line
    };
    assert_eq!((line(&rig.now().checked), line(&rig.status().checked)), (5, 8), "the status says where it stands now");
}

#[tokio::test]
async fn a_bad_save_changes_nothing_and_the_next_good_one_is_taken() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save("version = 1\n[limits]\nmax_in_flight = \"many\"\n");
    rig.until_that("rejected", |rig| rig.status().last_error.is_some()).await;
    assert_eq!(rig.now().seq, 1);
    assert!(matches!(rig.status().last_reload.as_ref().unwrap().outcome, Outcome::Rejected { .. }));

    rig.rename_save(&text(1));
    rig.until_that("no error", |rig| rig.status().last_error.is_none()).await;
    assert_eq!((rig.now().seq, rig.status().counts.unchanged), (1, 1));

    rig.rename_save(&text(2));
    rig.until(2).await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_rejected_and_taken_when_it_is_back() {
    let rig = Rig::start(&text(1)).await;
    fs::remove_file(rig.file()).unwrap();
    rig.until_rejected(Stage::Read).await;
    assert_eq!(rig.now().plan, 1);
    fs::write(rig.file(), text(2)).unwrap();
    rig.until(2).await;
}

#[tokio::test]
async fn a_file_that_is_gone_for_a_moment_is_no_fault() {
    let rig = Rig::start(&text(1)).await;
    for n in 2..10 {
        fs::remove_file(rig.file()).unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        fs::write(rig.file(), text(n)).unwrap();
        rig.until(n).await;
    }
    assert_eq!(rig.status().counts.rejected(Stage::Read), 0);
}

#[tokio::test]
async fn a_truncated_file_is_rejected_and_never_taken_for_defaults() {
    for content in ["", "# nothing but this\n", "[limits]\nmax_in_flight = 2\n"] {
        let rig = Rig::start(&text(1)).await;
        fs::write(rig.file(), content).unwrap();
        rig.until_that("rejected", |rig| rig.status().last_error.is_some()).await;
        assert_eq!((rig.now().seq, rig.now().plan), (1, 1));
        rig.rename_save(&text(2));
        rig.until(2).await;
    }
}

/// The last line goes: the new content is a strict prefix of what is in force, whatever was rejected
/// in between.
#[tokio::test]
async fn the_beginning_of_what_is_in_force_is_taken_when_it_stays() {
    let whole = format!("{}mode = \"observe\"\n", text(1));
    let rig = Rig::start(&whole).await;
    rig.rename_save("version = 2\n");
    rig.until_rejected(Stage::Schema).await;
    let began = std::time::SystemTime::now();
    rig.rename_save(&text(1));
    rig.until_that("applied", |rig| rig.now().seq == 2).await;
    assert!(began.elapsed().unwrap() >= Duration::from_secs(2));
}

#[tokio::test]
async fn a_file_that_may_not_be_read_is_rejected_until_it_may() {
    let rig = Rig::start(&text(1)).await;
    let allow = |mode| fs::set_permissions(rig.file(), fs::Permissions::from_mode(mode)).unwrap();
    allow(0o000);
    if fs::read(rig.file()).is_ok() {
        return eprintln!("skipped: root reads what may not be read");
    }
    rig.until_rejected(Stage::Read).await;
    allow(0o644);
    rig.until_that("no error", |rig| rig.status().last_error.is_none()).await;
    assert_eq!((rig.now().seq, rig.now().plan), (1, 1));
}

/// Written through another name in another folder: no event comes.
#[tokio::test]
async fn a_change_without_events_is_found_by_the_poll() {
    let other = tempfile::tempdir().unwrap();
    let rig = Rig::start(&polled(1, "100ms")).await;
    let name = other.path().join("same.toml");
    fs::hard_link(rig.file(), &name).unwrap();
    fs::write(&name, polled(2, "100ms")).unwrap();
    rig.until(2).await;
}

/// The folder's other files are none of our business, and cost next to nothing.
#[tokio::test]
async fn other_files_of_the_folder_change_nothing() {
    let rig = Rig::start(&text(1)).await;
    for n in 0..50 {
        replace(&rig.folder().join("other.toml"), &text(n));
    }
    assert_eq!(rig.reload().await, Outcome::Unchanged);
    assert_eq!(rig.probe.built(), [1]);
}
