//! Many saves: how soon each is in force, and what they leave behind.

use ops_tests::{
    load::Load,
    service::{Service, QUIET},
};
use std::{
    fs,
    path::PathBuf,
    time::{Duration, SystemTime},
};

/// The growth that a thousand saves may leave, by the issue.
const MOST_GROWTH_KIB: u64 = 5 * 1024;

/// The most milliseconds that a save may take to be in force in the middle, where nothing is bounded.
const MOST_PATIENT: u64 = 900;

/// `reload.settle`, by default.
const SETTLE: u64 = 50;

/// How often the file is looked at where no event tells of it.
const POLL: u64 = 200;

/// Between two saves, so that each is one and not part of a storm.
const PAUSE: Duration = Duration::from_millis(130);

/// A way to save, and how soon it must be in force: in the middle and at the 99th of a hundred.
struct Way {
    name: &'static str,
    save: fn(&Service, &str),
    is_loaded: bool,
    saves: usize,
    poll: u64,
    bounds: [u64; 2],
}

const WAYS: [Way; 4] = [
    Way { name: "rename", save: Service::save_by_rename, is_loaded: false, saves: 100, poll: 300_000, bounds: [2, 8] },
    Way {
        name: "rename under load",
        save: Service::save_by_rename,
        is_loaded: true,
        saves: 100,
        poll: 300_000,
        bounds: [2, 8],
    },
    Way {
        name: "in place",
        save: Service::save_in_place,
        is_loaded: false,
        saves: 100,
        poll: 300_000,
        bounds: [SETTLE + 10, SETTLE + 10],
    },
    Way {
        name: "polled",
        save: save_unheard,
        is_loaded: false,
        saves: 25,
        poll: POLL,
        bounds: [POLL + SETTLE + 10, POLL + SETTLE + 10],
    },
];

fn text(save: usize, poll: u64) -> String {
    let reload = format!("[reload]\npoll_interval = \"{poll}ms\"\n");
    format!("{QUIET}sampling_rate = 0.{save:04}\n{reload}[limits]\nmax_in_flight = {}\n", 10_000 + save % 7)
}

/// Another name of the file, in another folder: what is written by it raises no event in the first.
fn elsewhere(service: &Service) -> PathBuf {
    service.process.folder().join("elsewhere/same")
}

fn save_unheard(service: &Service, text: &str) {
    fs::write(elsewhere(service), text).expect("the file is written");
}

/// Looks until something newer is in force than what was seen last.
struct Watch<'s> {
    service: &'s Service,
    generation: u64,
    tag: String,
}

impl<'s> Watch<'s> {
    async fn of(service: &'s Service) -> Self {
        let mut watch = Self { service, generation: 0, tag: String::new() };
        watch.look().await;
        watch
    }

    /// What `/config` says, if it says anything new.
    async fn look(&mut self) -> Option<serde_json::Value> {
        let known = [("if-none-match", self.tag.as_str())];
        let asked = self.service.client().send(self.service.admin, http::Method::GET, "/config", &known, "");
        let answer = asked.await.expect("the operator's listener answers");
        if answer.status == http::StatusCode::NOT_MODIFIED {
            return None;
        }
        answer.header("etag").clone_into(&mut self.tag);
        let config = answer.json();
        let found = config["generation"].as_u64().expect("a number");
        let is_new = found > self.generation;
        self.generation = found;
        is_new.then_some(config)
    }

    /// Saves, looks until it is in force, and says how long that took.
    async fn timed(&mut self, way: &Way, number: usize) -> Duration {
        let text = text(number, way.poll);
        let begun = SystemTime::now();
        (way.save)(self.service, &text);
        loop {
            let found = self.look().await;
            let took = begun.elapsed().unwrap_or_default();
            if let Some(config) = found {
                assert_eq!(
                    config["value"]["limits"]["max_in_flight"],
                    10_000 + number % 7,
                    "the newest save is in force"
                );
                return took;
            }
            assert!(took < Duration::from_secs(10), "{} {number} came to nothing", way.name);
        }
    }
}

/// The bounds are the issue's, for a release build on a machine with nothing else to do. A debug build
/// among other tests gets patience, but never as much as it takes to look at the file unasked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_save_is_in_force_at_once() {
    println!("{:<18} {:>6} {:>9} {:>9} {:>9}", "in force after", "saves", "p50 ms", "p99 ms", "max ms");
    for way in WAYS {
        let service = Service::start(&text(0, way.poll)).await;
        fs::create_dir(service.process.folder().join("elsewhere")).expect("a folder");
        fs::hard_link(service.process.file(), elsewhere(&service)).expect("another name");
        // Four thousand requests a second.
        let load =
            if way.is_loaded { Some(Load::start(service.server, 4, Duration::from_millis(2)).await) } else { None };
        let saves = if cfg!(debug_assertions) { 12 } else { way.saves };
        let mut watch = Watch::of(&service).await;
        let mut times = Vec::new();
        for number in 1..=saves {
            tokio::time::sleep(PAUSE).await;
            times.push(watch.timed(&way, number).await);
        }
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        let millis = |percent| at(percent).as_secs_f64() * 1000.0;
        println!("{:<18} {saves:>6} {:>9.2} {:>9.2} {:>9.2}", way.name, millis(50), millis(99), millis(100));
        if let Some(load) = load {
            let seen = load.end().await;
            assert_eq!(seen.failed, [""; 0]);
            println!(
                "{:<18} {:>6} requests, the slowest {:.2} ms",
                "",
                seen.answered,
                seen.slowest.as_secs_f64() * 1000.0
            );
        }
        let [middle, late] = way.bounds;
        if cfg!(debug_assertions) {
            assert!(at(50) <= Duration::from_millis(MOST_PATIENT), "{}: {:?}", way.name, at(50));
        } else {
            assert!(at(50) <= Duration::from_millis(middle), "{}: {:?}", way.name, at(50));
            assert!(at(99) <= Duration::from_millis(late), "{}: {:?}", way.name, at(99));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_saves_leave_memory_where_it_was() {
    let service = Service::start(&text(0, 300_000)).await;
    let mut at_first = 0;
    for number in 1..=1100 {
        service.save_by_rename(&text(number, 300_000));
        // Who asks need not wait for a storm of saves to settle.
        let outcome = service.reload().await["outcome"].clone();
        assert!(outcome == "applied" || outcome == "unchanged", "{outcome}");
        if number == 100 {
            at_first = service.process.resident().expect("the kernel says");
        }
    }
    let generation = service.config().await["generation"].as_u64().expect("a number");
    assert_eq!(generation, 1101, "each save was in force");
    let grown = service.process.resident().expect("the kernel says").saturating_sub(at_first);
    println!("after a thousand saves: {grown} KiB more");
    assert!(grown <= MOST_GROWTH_KIB, "{grown} KiB more");
}
