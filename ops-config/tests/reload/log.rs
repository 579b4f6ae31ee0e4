//! What is logged of reloads: one line for each, one for each fault, and no secret.

use crate::rig::{polled, text, Rig};
use ops_config::reload::{Outcome, Stage};
use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing_subscriber::fmt::MakeWriter;

/// The lines logged on this thread, on which the driver of a test runs too.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn with(&self, words: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn log() -> (Lines, tracing::subscriber::DefaultGuard) {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(lines.clone()).finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn each_reload_is_one_line_with_what_is_in_force() {
    let (lines, _guard) = log();
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&text(2));
    rig.until(2).await;
    rig.reload().await;
    let sha256 = rig.now().checked.sha256().to_string();
    let reloads = lines.with("config reload");
    assert_eq!((reloads.len(), lines.with("config start").len()), (2, 1), "{reloads:?}");
    for (line, outcome) in reloads.iter().zip(["applied", "unchanged"]) {
        let fields = format!("outcome=\"{outcome}\" generation=2 sha256={sha256}");
        assert!(line.contains(&fields), "{line} has not {fields}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejected_save_is_logged_once_with_every_fault() {
    let (lines, _guard) = log();
    let rig = Rig::start(&polled(1, "100ms")).await;
    rig.rename_save("version = 1\n[limits]\nmax_in_flight = 0\n[shutdown]\ntimeout = \"soon\"\n");
    rig.until_rejected(Stage::Schema).await;
    // Hundreds of looks of the paused clock.
    tokio::time::sleep(Duration::from_mins(1)).await;
    let reloads = lines.with("config reload");
    assert_eq!(reloads.len(), 1, "{reloads:?}");
    assert!(reloads[0].contains("outcome=\"rejected\" stage=schema generation=1"), "{reloads:?}");
    let faults = lines.with("config violation");
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("key=limits.max_in_flight") && faults[0].contains("ops.toml:3:17"), "{faults:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reload_that_waited_in_vain_is_told_like_any_other() {
    let (lines, _guard) = log();
    let whole = text(1);
    let rig = Rig::start(&whole).await;
    rig.rename_save(&whole[..20]);
    let handle = rig.running.handle.clone();
    let asked = tokio::spawn(async move { handle.reload().await });
    // A save that goes on: each look finds another beginning of the whole.
    for end in 21..whole.len() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if asked.is_finished() {
            break;
        }
        rig.rename_save(&whole[..end]);
    }
    let outcome = asked.await.unwrap();
    let status = rig.status();
    assert!(matches!(outcome, Outcome::Rejected { stage: Stage::Read, .. }), "{outcome:?}");
    assert_eq!(status.last_reload.as_ref().map(|last| &last.outcome), Some(&outcome));
    assert_eq!(status.counts.rejected(Stage::Read), 1);
    let reloads = lines.with("config reload");
    assert_eq!((reloads.len(), lines.with("config violation").len()), (1, 1), "{reloads:?}");

    rig.rename_save(&whole);
    rig.until_that("no error", |rig| rig.status().last_error.is_none()).await;
    assert_eq!((rig.now().seq, rig.status().counts.unchanged), (1, 1));
}

/// Feature: production-excellence, Property 25: no secret appears in any log.
#[tokio::test]
async fn a_rejected_secret_is_not_logged() {
    let (lines, _guard) = log();
    let rig = Rig::start(&text(1)).await;
    for bad in [
        "version = 1\n[admin]\ntoken = \"hunter2\ntwo\"\n",
        "version = 1\n[admin]\ntoken = [\"hunter2\"]\n",
        "version = 1\n[pools.main]\nurl = \"oracle://me:hunter2@db\"\n",
        "version = 1\n[pools.main]\nurl = \"sqlite::memory:\"\npassword = \"hunter2\"\n",
    ] {
        rig.rename_save(bad);
        rig.reload().await;
        assert!(rig.status().last_error.is_some(), "{bad}");
        assert!(!format!("{:?}", rig.status()).contains("hunter2"), "{:?}", rig.status());
    }
    assert!(!lines.with("config violation").is_empty());
    assert_eq!(lines.with("hunter2"), [""; 0]);
}
