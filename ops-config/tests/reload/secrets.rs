//! The files beside the main one: secrets and the profile.

use crate::rig::{replace, text, Probe, Rig};
use ops_config::{
    reload::{self, Outcome, Stage},
    source::Sources,
};
use std::{fs, io::Write, path::Path, time::Duration};
use tempfile::tempdir;

/// A configuration whose token stands in `file`.
fn with_token(n: u32, file: &Path) -> String {
    format!("{}[admin]\ntoken = {{ file = {:?} }}\n", text(n), file.display().to_string())
}

/// The token in force.
fn token(rig: &Rig) -> String {
    let now = rig.now();
    let token = now.checked.config().admin.token.as_ref().map(|token| token.expose().unwrap().to_owned());
    token.unwrap_or_default()
}

#[tokio::test]
async fn a_rotated_secret_is_in_force() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "first-token\n").unwrap();
    let rig = Rig::start(&with_token(1, &file)).await;
    let before = rig.now();
    assert_eq!(token(&rig), "first-token");
    replace(&file, "second-token\n");
    rig.until_that("rotated", |rig| token(rig) == "second-token").await;
    fs::write(&file, "third-token\n").unwrap();
    rig.until_that("rotated", |rig| token(rig) == "third-token").await;
    assert_eq!((rig.now().seq, rig.now().checked.sha256()), (3, before.checked.sha256()));
}

#[tokio::test]
async fn half_of_a_secret_is_never_in_force() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "a-token-of-some-length").unwrap();
    let rig = Rig::start(&with_token(1, &path)).await;
    let mut file = fs::File::create(&path).unwrap();
    for part in ["another-", "token-of-", "some-length"] {
        file.write_all(part.as_bytes()).unwrap();
        // Longer than settle: the pause is the subject of this test.
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    drop(file);
    rig.until_that("rotated", |rig| rig.now().seq == 2).await;
    assert_eq!(token(&rig), "another-token-of-some-length");
}

/// The order in which a person or a tool puts both there does not matter.
#[tokio::test]
async fn a_secret_that_comes_after_its_reference_is_taken_when_it_comes() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&with_token(2, &file));
    rig.until_rejected(Stage::Rule).await;
    assert_eq!(rig.now().plan, 1);
    replace(&file, "token");
    rig.until(2).await;
    assert_eq!((token(&rig).as_str(), &rig.status().last_error), ("token", &None));
    replace(&file, "tokens");
    rig.until_that("rotated", |rig| token(rig) == "tokens").await;
}

#[tokio::test]
async fn a_secret_that_goes_leaves_the_old_one_in_force() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "token").unwrap();
    let rig = Rig::start(&with_token(1, &file)).await;
    fs::remove_file(&file).unwrap();
    assert!(matches!(rig.reload().await, Outcome::Rejected { stage: Stage::Rule, .. }));
    assert_eq!(token(&rig), "token");
    replace(&file, "token");
    rig.until_that("no error", |rig| rig.status().last_error.is_none()).await;
    assert_eq!(rig.now().seq, 1);
}

/// A reference stands where it is said, and that need not be a file.
#[tokio::test]
async fn a_secret_named_by_a_variable_or_on_the_command_line_is_watched_while_it_is_away() {
    let folder = tempdir().unwrap();
    let (main, file) = (folder.path().join("ops.toml"), folder.path().join("token"));
    let said = file.display().to_string();
    let by_variable = |sources: &mut Sources| sources.variables = vec![("OPS_ADMIN__TOKEN__FILE".into(), said.clone())];
    let by_set = |sources: &mut Sources| sources.set = vec![("admin.token.file".into(), said.clone())];
    for says in [&by_variable as &dyn Fn(&mut Sources), &by_set] {
        fs::write(&main, text(1)).unwrap();
        fs::write(&file, "first").unwrap();
        let mut sources = Sources::from_file(&main);
        says(&mut sources);
        let rig = Rig::of(reload::start(sources, Probe::default()).await.unwrap(), &main);
        fs::remove_file(&file).unwrap();
        assert!(matches!(rig.reload().await, Outcome::Rejected { stage: Stage::Rule, .. }));
        replace(&file, "second");
        rig.until_that("rotated", |rig| token(rig) == "second").await;
        assert_eq!(rig.status().last_error, None);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_secret_that_differs_at_each_look_is_rejected_and_reloading_goes_on() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&with_token(2, Path::new("/proc/sys/kernel/random/uuid")));
    let outcome = tokio::time::timeout(Duration::from_secs(20), rig.reload()).await.unwrap();
    assert!(matches!(outcome, Outcome::Rejected { stage: Stage::Read, .. }), "{outcome:?}");
    assert_eq!((rig.now().plan, rig.status().counts.rejected(Stage::Read)), (1, 1));
    rig.rename_save(&text(3));
    rig.until(3).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_secret_that_never_comes_to_rest_keeps_no_save_from_being_judged() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&with_token(2, Path::new("/proc/sys/kernel/random/uuid")));
    rig.until_rejected(Stage::Read).await;
    assert_eq!(rig.now().plan, 1);
    rig.rename_save(&with_token(4, Path::new("/proc/sys/kernel/random/uuid")));
    tokio::time::sleep(Duration::from_secs(1)).await;
    rig.rename_save(&text(3));
    rig.until(3).await;
}

#[tokio::test]
async fn the_file_of_the_profile_is_watched_too() {
    let folder = tempdir().unwrap();
    let (main, profile) = (folder.path().join("ops.toml"), folder.path().join("ops.test.toml"));
    fs::write(&main, text(1)).unwrap();
    fs::write(&profile, "[limits]\nmax_in_flight = 2\n").unwrap();
    let sources = Sources { profile: Some("test".to_owned()), ..Sources::from_file(&main) };
    let running = reload::start(sources, Probe::default()).await.unwrap();
    assert_eq!(running.live.current().plan, 2);
    replace(&profile, "[limits]\nmax_in_flight = 3\n");
    let rig = Rig::of(running, &main);
    rig.until(3).await;
    // What the profile overrides is not what the main file says.
    rig.rename_save(&text(4));
    rig.until_that("unchanged", |rig| rig.status().counts.unchanged == 1).await;
    assert_eq!(rig.now().plan, 3);
}
