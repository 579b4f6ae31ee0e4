//! One breaker after the other, each with its calls.

use super::{
    backend::{Call, End},
    line::{Force, Line, Outcome},
    setting::Settings,
};
use ops_config::value::Name;
use ops_layer::breaker::{BreakerSet, Changes, CircuitBreaker, Circuits, Forced};
use serde_json::{json, Map, Value};
use std::{
    collections::{btree_map::Entry, BTreeMap},
    time::Duration,
};
use tokio::time::{advance, Instant};

/// Ten years: later moments do not fit every clock.
const LATEST_MS: u64 = 10 * 365 * 24 * 3_600_000;

/// Why a line has no other answer.
type Fault = String;

/// What the lines so far have led to.
pub(super) struct Session {
    name: Name,
    began: Instant,
    breaker: Option<Breaker>,
}

struct Breaker {
    circuits: Circuits,
    handle: CircuitBreaker,
    settings: Settings,
    changes: Changes,
    /// Those that were heard so far, in order: `closed>open`.
    heard: Vec<String>,
    /// By name; none once it has ended, or was refused.
    calls: BTreeMap<String, Option<Call>>,
}

impl Session {
    /// Begins now, by the clock of the runtime around it.
    pub(super) fn begin(name: Name) -> Self {
        Self { name, began: Instant::now(), breaker: None }
    }

    pub(super) async fn answer(&mut self, line: Line) -> Result<Value, Fault> {
        match line {
            Line::New { config } => self.renew(config)?,
            Line::At { ms } => self.go_to(ms).await?,
            Line::Begin { call } => return Ok(json!({ "admitted": self.breaker()?.call(call)? })),
            Line::End { call, outcome } => self.breaker()?.end(&call, outcome)?,
            Line::Config { config } => self.swap(config)?,
            Line::Force { state, for_ms } => self.breaker()?.force(state, for_ms)?,
            Line::State => return Ok(json!({ "state": self.breaker()?.handle.state().as_str() })),
            Line::Transitions => return Ok(json!({ "list": self.breaker()?.heard() })),
            Line::Unknown => return Ok(json!({ "unsupported": true })),
        }
        Ok(json!({ "ok": true }))
    }

    fn breaker(&mut self) -> Result<&mut Breaker, Fault> {
        self.breaker.as_mut().ok_or_else(|| "there is no breaker before the first `new`".to_owned())
    }

    fn renew(&mut self, keys: Map<String, Value>) -> Result<(), Fault> {
        let circuits = Circuits::new();
        let settings = put_in_force(&self.name, &circuits, Settings::default().with(keys))?;
        let handle = circuits.breaker(self.name.as_str()).ok_or("what was put in force is not there")?;
        let changes = handle.changes().ok_or("what was put in force is not there")?;
        if self.breaker.is_some() {
            self.began = Instant::now();
        }
        self.breaker = Some(Breaker { circuits, handle, settings, changes, heard: Vec::new(), calls: BTreeMap::new() });
        Ok(())
    }

    fn swap(&mut self, keys: Map<String, Value>) -> Result<(), Fault> {
        let name = self.name.clone();
        let breaker = self.breaker()?;
        breaker.settings = put_in_force(&name, &breaker.circuits, breaker.settings.with(keys))?;
        Ok(())
    }

    async fn go_to(&mut self, ms: u64) -> Result<(), Fault> {
        let now = self.began.elapsed();
        let ahead = Duration::from_millis(ms).checked_sub(now);
        let ahead = ahead.ok_or_else(|| format!("it is {} ms already", now.as_millis()))?;
        if ms > LATEST_MS {
            return Err(format!("{LATEST_MS} is the latest"));
        }
        advance(ahead).await;
        // Whoever waits for a call is woken by what has become due in it.
        for call in self.breaker.iter_mut().flat_map(|breaker| breaker.calls.values_mut()) {
            if call.as_mut().is_some_and(Call::has_ended) {
                *call = None;
            }
        }
        Ok(())
    }
}

impl Breaker {
    /// Begins a call; whether it was admitted.
    fn call(&mut self, name: String) -> Result<bool, Fault> {
        let call = match self.calls.entry(name) {
            Entry::Occupied(entry) if entry.get().is_some() => {
                return Err(format!("call {:?} is under way", entry.key()))
            }
            entry => entry.insert_entry(Call::begin(&self.handle)),
        };
        let is_admitted = call.get().is_some();
        self.hear();
        Ok(is_admitted)
    }

    fn end(&mut self, name: &str, outcome: Outcome) -> Result<(), Fault> {
        let call = self.calls.get_mut(name).ok_or_else(|| format!("call {name:?} was never begun"))?;
        match (call.take(), outcome) {
            (Some(call), Outcome::Success) => call.end(End::Success),
            (Some(call), Outcome::Failure) => call.end(End::Failure),
            (Some(call), Outcome::Ignored) => call.end(End::Ignored),
            (Some(call), Outcome::Cancelled) => drop(call),
            // Refused, or ended by the breaker itself.
            (None, _) => {}
        }
        self.hear();
        Ok(())
    }

    /// Holds it, as the operator does.
    fn force(&self, state: Force, for_ms: Option<u64>) -> Result<(), Fault> {
        let forced = match state {
            Force::ForcedOpen => Forced::Open,
            Force::Closed => Forced::Closed,
            Force::Auto => Forced::Auto,
        };
        let held = self.handle.force(forced, for_ms.map(Duration::from_millis));
        held.map(drop).map_err(|error| error.to_string())
    }

    /// Takes what has changed, before too much waits.
    fn hear(&mut self) {
        let changes = std::iter::from_fn(|| self.changes.try_next());
        self.heard.extend(changes.map(|change| format!("{}>{}", change.from.as_str(), change.to.as_str())));
    }

    fn heard(&mut self) -> &[String] {
        self.hear();
        &self.heard
    }
}

/// What a reload does, after the file was read.
fn put_in_force(name: &Name, circuits: &Circuits, settings: Settings) -> Result<Settings, Fault> {
    let config = settings.read().map_err(|error| error.to_string())?;
    BreakerSet::build(&BTreeMap::from([(name.clone(), config)]), circuits, None).put_in_force();
    Ok(settings)
}
