//! The first generation, and the task that makes the others.

use super::{
    ask::Queue,
    driver::{blocking, Driver},
    examine::{examine_caught, Examined},
    fault, guard, log,
    look::look,
    status::Board,
    Baseline, Build, Cause, Entry, Probation, ReloadHandle, Running, Trail,
};
use crate::{
    diagnostic::{Report, Text, Violation},
    live::{Generation, Publisher},
    source::Sources,
    watch::{Settle, View, Watcher},
};
use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

/// How often a start looks again: once for the secrets that the file names, and whenever one of them changes meanwhile.
const ROUNDS: usize = 8;

/// Reads, checks and builds what `sources` say, puts it in force, and keeps it so: from then on
/// the files are watched, and every change of them is checked, built and put in force in the same
/// way, or rejected.
///
/// Runs on the current Tokio runtime, which must have its timer enabled.
///
/// # Errors
/// Everything that keeps the configuration from being in force.
pub async fn start<B: Build>(sources: Sources, mut builder: B) -> Result<Running<B::Plan>, Report> {
    let sources = Arc::new(sources);
    let watcher = Arc::new(Mutex::new(Watcher::new()));
    let (first, examined) = first_look(&sources, &watcher).await?;
    let (checked, texts) = match examined {
        Examined::Good(checked, texts) => (Arc::new(*checked), texts),
        Examined::Bad(report) => return Err(report),
        Examined::Moved => return Err(report(fault::unfinished(&sources.file))),
    };
    let built = guard::build(&mut builder, &checked, None, &sources.file).await;
    let built = built.map_err(|violations| Report::new(violations, texts))?;

    let loaded_at = SystemTime::now();
    let entry = Entry::of(1, loaded_at, None, &checked, Cause::Start, Probation::None);
    let generation = Generation { seq: 1, loaded_at, checked: Arc::clone(&checked), plan: built.plan };
    let (publisher, live) = Publisher::new(generation);
    guard::commit(&mut builder, built.staged, &publisher.current());
    log::started(&checked);

    let asks = mpsc::unbounded_channel();
    let inbox = watcher.lock().unwrap_or_else(PoisonError::into_inner).inbox();
    let board = Arc::new(Board::new(Arc::clone(&checked), first.polling, entry));
    let (stop, stopped) = watch::channel(false);
    let handle = ReloadHandle {
        asks: asks.0,
        board: Arc::clone(&board),
        stop: Arc::new(stop),
        file: Arc::new(sources.file.clone()),
    };
    let began = Instant::now();
    let driver = Driver {
        trail: Trail::new(checked, first.view.clone()),
        baseline: Baseline::new(guard::vitals(&builder, &publisher.current()), began.elapsed()),
        trial: None,
        files: Arc::new(first.view.keys().cloned().collect()),
        settle: Settle::new(first.view, began.elapsed()),
        sources,
        builder,
        publisher,
        watcher,
        inbox,
        board,
        asks: Some(asks.1),
        queue: Queue::default(),
        stop: stopped,
        began,
        moved: 0,
        restless: None,
    };
    tokio::spawn(driver.run());
    Ok(Running { live, handle })
}

struct First {
    view: View,
    polling: bool,
}

async fn first_look(sources: &Arc<Sources>, watcher: &Arc<Mutex<Watcher>>) -> Result<(First, Examined), Report> {
    let (sources, watcher) = (Arc::clone(sources), Arc::clone(watcher));
    let file = sources.file.clone();
    let looked = blocking(move || {
        let mut files: BTreeSet<PathBuf> = sources.files().into_iter().collect();
        let mut round = 0;
        loop {
            let (view, polling) = look(&watcher, &files);
            let (view, examined) = examine_caught(&sources, view);
            round += 1;
            if round == ROUNDS || !matches!(examined, Examined::Moved) {
                return (First { view, polling }, examined);
            }
            files = view.into_keys().collect();
        }
    });
    looked.await.ok_or_else(|| report(fault::stopped(&file)))
}

fn report(violation: Violation) -> Report {
    Report::new(vec![violation], Vec::<Text>::new())
}
