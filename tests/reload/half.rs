//! Half of a save is never in force, not for a moment.

use crate::{
    place::{seams, write_slowly},
    rig::{number, pause, replace, text, Rig},
};
use libtest_mimic::Trial;
use ops_tests::{client::Client, outside::needs};
use std::{
    fs,
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![needs(&[], "half::what_a_writer_at_random_leaves_half_is_never_in_force", at_random)]
}

/// How often the saves are made, each in another way.
const SAVES: u32 = 40;

async fn at_random() {
    let seed = fastrand::u64(..);
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut rig = Rig::start().await;
    let ended = Arc::new(AtomicBool::new(false));
    let looking = tokio::spawn(watch(rig.service.admin, Arc::clone(&ended)));
    for _ in 0..SAVES {
        let way = chance.u8(0..6);
        let millis = chance.u64(0..90);
        let mut numbers = chance.fork();
        rig.edit(&format!("way {way}, seed {seed}"), async |file, n| {
            let text = text(n);
            match way {
                0 => replace(file, &text),
                1 => {
                    fs::remove_file(file).unwrap();
                    pause(millis).await;
                    write_slowly(file, &text, &seams(&text), 1).await;
                }
                2 => write_slowly(file, &text, &seams(&text), millis).await,
                _ => {
                    let mut cuts: Vec<usize> = (0..5).map(|_| numbers.usize(..text.len())).collect();
                    cuts.sort_unstable();
                    write_slowly(file, &text, &cuts, millis).await;
                }
            }
        })
        .await;
    }
    ended.store(true, Ordering::Relaxed);
    let looks = looking.await.unwrap();
    assert!(looks > u64::from(SAVES));
}

/// Looks at what is in force, as often as it can; how often that was.
async fn watch(admin: SocketAddr, ended: Arc<AtomicBool>) -> u64 {
    let client = Client::http1();
    let (mut looks, mut last) = (0, 0);
    while !ended.load(Ordering::Relaxed) {
        let now = number(&client.get(admin, "/config").await.unwrap().json());
        assert!(now >= last, "{now} after {last}");
        last = now;
        looks += 1;
        pause(1).await;
    }
    looks
}
