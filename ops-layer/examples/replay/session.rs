//! One breaker after the other, each with its calls.

use super::{
    backend::{Call, End},
    change::Changes,
    line::{Line, Outcome},
    setting::Settings,
};
use ops_config::value::Name;
use ops_layer::breaker::{BreakerSet, CircuitBreaker, Circuits};
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
    changes: Changes,
    breaker: Option<Breaker>,
}

struct Breaker {
    circuits: Circuits,
    handle: CircuitBreaker,
    settings: Settings,
    /// By name; none once it has ended, or was refused.
    calls: BTreeMap<String, Option<Call>>,
}

impl Session {
    /// Begins now, by the clock of the runtime around it.
    pub(super) fn begin(name: Name, changes: Changes) -> Self {
        Self { name, began: Instant::now(), changes, breaker: None }
    }

    pub(super) async fn answer(&mut self, line: Line) -> Result<Value, Fault> {
        match line {
            Line::New { config } => self.renew(config)?,
            Line::At { ms } => self.go_to(ms).await?,
            Line::Begin { call } => return Ok(json!({ "admitted": self.breaker()?.call(call)? })),
            Line::End { call, outcome } => self.breaker()?.end(&call, outcome)?,
            Line::Config { config } => self.swap(config)?,
            Line::State => return Ok(json!({ "state": self.breaker()?.handle.state().as_str() })),
            Line::Transitions => return Ok(json!({ "list": self.changes.list() })),
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
        if self.breaker.is_some() {
            self.began = Instant::now();
        }
        // The calls of the one before end with it, and are none of this one's changes.
        self.breaker = Some(Breaker { circuits, handle, settings, calls: BTreeMap::new() });
        self.changes.forget();
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
        Ok(call.get().is_some())
    }

    fn end(&mut self, name: &str, outcome: Outcome) -> Result<(), Fault> {
        let call = self.calls.get_mut(name).ok_or_else(|| format!("call {name:?} was never begun"))?;
        match (call.take(), outcome) {
            (Some(call), Outcome::Success) => call.end(End::Success),
            (Some(call), Outcome::Failure) => call.end(End::Failure),
            // To be dropped is the one end of a call without a verdict.
            (Some(_) | None, Outcome::Ignored | Outcome::Cancelled) | (None, _) => {}
        }
        Ok(())
    }
}

/// What a reload does, after the file was read.
fn put_in_force(name: &Name, circuits: &Circuits, settings: Settings) -> Result<Settings, Fault> {
    let config = settings.read().map_err(|error| error.to_string())?;
    BreakerSet::build(&BTreeMap::from([(name.clone(), config)]), circuits, None).put_in_force();
    Ok(settings)
}
