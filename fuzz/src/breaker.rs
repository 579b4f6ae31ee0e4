//! Any history of calls through a breaker, of how they end, of reloads, and of the time between.

use model::{Call, Model};
use ops_config::{section::CircuitBreakerConfig, value::Name};
use ops_layer::{
    breaker::{BreakerSet, CircuitState, Circuits, Trial, Verdict},
    clock::Moment,
};
use serde_json::{json, Value};
use std::{collections::BTreeMap, time::Duration};

#[path = "../../ops-layer/src/breaker/tests/model.rs"]
mod model;

/// More says nothing new, and costs time.
const MOST: usize = 300;

/// How far back the windows reach: times or calls. In one history they stay the same: what a reload
/// makes of another length is for the tests of reloads.
type Windows = [Option<Value>; 2];

/// The circuit is in the state and epoch in which its model is, after each event.
///
/// A byte is the windows and one the settings; then two bytes are an event: what happens, and the
/// pause before it. Each counts by its remainder, so a history can be written in letters.
pub fn judge(data: &[u8]) {
    let Some(([windows, settings], events)) = data.split_first_chunk() else { return };
    let windows = [windows % 16, windows / 16].map(window);
    let mut history = History::begin(windows, *settings);
    for event in events.chunks_exact(2).take(MOST) {
        history.now += pause(event[1]);
        history.happens(event[0]);
        history.compare();
    }
}

fn window(nibble: u8) -> Option<Value> {
    match nibble {
        0..=3 => None,
        4..=7 => Some(json!(2 * nibble - 6)),
        _ => Some(json!(millis(100 * u64::from(nibble)))),
    }
}

fn millis(millis: u64) -> String {
    format!("{millis}ms")
}

/// Mostly moments apart, at times long enough for a reset or for a window to pass.
fn pause(byte: u8) -> u64 {
    match byte % 4 {
        3 => u64::from(byte) * 8,
        2 => u64::from(byte),
        _ => u64::from(byte / 16),
    }
}

/// A circuit and its model, side by side.
struct History {
    name: Name,
    windows: Windows,
    circuits: Circuits,
    config: CircuitBreakerConfig,
    plan: BreakerSet,
    model: Model,
    calls: Vec<(Trial, Call)>,
    now: u64,
}

impl History {
    fn begin(windows: Windows, settings: u8) -> Self {
        let name: Name = "b".parse().expect("a name");
        let config = config(&windows, settings);
        let circuits = Circuits::new();
        let plan = put_in_force(&name, &config, &circuits);
        Self { name, windows, circuits, config, plan, model: Model::closed(), calls: Vec::new(), now: 0 }
    }

    fn at(&self) -> Moment {
        Moment::from_duration(Duration::from_millis(self.now))
    }

    fn happens(&mut self, what: u8) {
        let which = usize::from(what / 8);
        match what % 8 {
            0..=2 => self.admit(),
            3 => self.settle(which, Verdict::Success),
            4 | 5 => self.settle(which, Verdict::Failure),
            6 => {
                if let Some((trial, call)) = self.take(which / 2) {
                    if which % 2 == 0 {
                        trial.abandon(self.at());
                    } else {
                        trial.settle(Verdict::Ignored, || self.at());
                    }
                    self.model.drop(&call);
                }
            }
            _ => {
                self.config = config(&self.windows, what.wrapping_mul(37));
                self.plan = put_in_force(&self.name, &self.config, &self.circuits);
            }
        }
    }

    fn admit(&mut self) {
        let trial = self.plan.admit("/", self.at()).ok().flatten();
        let call = self.model.admit(&self.config, self.at());
        assert_eq!(trial.is_some(), call.is_some(), "admitted by one of circuit and model, at {} ms", self.now);
        self.calls.extend(trial.zip(call));
    }

    fn settle(&mut self, which: usize, verdict: Verdict) {
        let Some((trial, call)) = self.take(which) else { return };
        trial.settle(verdict, || self.at());
        self.model.settle(&call, verdict == Verdict::Failure, self.at());
    }

    /// Takes one of the calls under way.
    fn take(&mut self, which: usize) -> Option<(Trial, Call)> {
        (!self.calls.is_empty()).then(|| self.calls.swap_remove(which % self.calls.len()))
    }

    fn compare(&self) {
        let circuit = self.plan.get("b").expect("the breaker").circuit();
        let (state, epoch) = (self.model.state, self.model.epoch);
        assert_eq!((circuit.state(), circuit.epoch()), (state, epoch), "circuit and model at {} ms", self.now);
    }
}

fn put_in_force(name: &Name, config: &CircuitBreakerConfig, circuits: &Circuits) -> BreakerSet {
    let plan = BreakerSet::build(&BTreeMap::from([(name.clone(), config.clone())]), circuits, None);
    plan.put_in_force();
    plan
}

/// Settings so small that histories of some hundred bytes go everywhere.
fn config(windows: &Windows, byte: u8) -> CircuitBreakerConfig {
    let part = |of: u8, n: u8| u64::from(byte / of % n);
    let share = |window: &Value| {
        let threshold = [0.0, 0.5, 0.75, 1.0][usize::from(byte / 3 % 4)];
        json!({ "threshold": threshold, "window": window, "min_calls": 1 + part(5, 7) })
    };
    let mut keys = json!({
        "routes": ["/**"],
        "failure_threshold": 1 + part(1, 5),
        "reset_timeout": millis(10 + part(2, 40) * 10),
        "half_open_max_calls": 1 + part(7, 3),
    });
    if byte % 3 == 1 {
        keys["trial_timeout"] = millis(10 + part(3, 60) * 10).into();
    }
    if byte % 4 == 3 {
        // Chance is the machine's own.
        keys["reset_backoff"] = json!({ "factor": 2.5, "max": millis(50 + part(4, 64) * 20), "jitter": 0.0 });
    }
    if let Some(window) = &windows[0] {
        keys["failure_rate"] = share(window);
    }
    if let Some(window) = &windows[1] {
        keys["slow_calls"] = share(window);
        keys["slow_calls"]["slower_than"] = millis(1 + part(11, 23)).into();
    }
    serde_json::from_value(keys).expect("settings in their ranges")
}
