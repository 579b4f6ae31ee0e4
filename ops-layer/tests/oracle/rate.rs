//! What holds of any rate, whoever comes and however it is edited. One oracle for the property test and
//! for fuzzing.
//!
//! The model is the plainest there is: what each has spent and not got back yet. Times are whole
//! milliseconds and periods powers of two of them, so that nothing is rounded and all must be equal.

use http::Request;
use ops_config::{
    section::{LimitsConfig, Mode, RateConfig},
    value::{Count, List, Name, Period, RateKey, RoutePattern},
};
use ops_layer::{
    call::PeerAddr,
    clock::Moment,
    limit::rate::{RateCounts, RatePlan},
    refusal::Refusal,
};
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

/// A token in parts.
const TOKEN: u64 = 1 << 14;
const HEADER: &str = "x-api-key";

/// What happens to a rate.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A request of one of some clients; of the first nobody knows who it is.
    Come(u8),
    /// So many milliseconds pass.
    Pass(u64),
    /// Other settings come in force.
    Edit(Settings),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) rate: u64,
    /// The period is 1024 milliseconds, doubled so often: four times at most.
    pub(crate) doubled: u8,
    pub(crate) burst: u64,
    pub(crate) max_keys: u64,
    pub(crate) key: Key,
    pub(crate) mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    All,
    Client,
    Route,
    Header,
}

/// Panics when a request is admitted, refused, told to wait or counted otherwise than by the model.
pub(crate) fn check(first: Settings, events: &[Event]) {
    let counts = RateCounts::new();
    let mut now = 0;
    let mut model = Model { settings: first, owed: BTreeMap::new(), shared: 0, refused: 0, would_refuse: 0 };
    let mut plan = RatePlan::build(&limits(first), None, &counts, at(now));
    for event in events {
        match event {
            Event::Come(who) => {
                let answer = plan.admit(&request(*who), at(now)).map_err(|refusal| match refusal {
                    Refusal::RateLimited { retry_after, .. } => retry_after,
                    other => panic!("refused by something else: {other:?}"),
                });
                assert_eq!(answer, model.come(*who), "client {who} at {now} ms");
            }
            Event::Pass(millis) => {
                now += millis;
                model.pass(*millis);
            }
            Event::Edit(settings) => {
                plan = RatePlan::build(&limits(*settings), Some(&plan), &counts, at(now));
                model.edit(*settings);
            }
        }
        let keys = plan.keys(at(now)).first().map(|(_, keys)| *keys);
        assert_eq!(keys, model.keys(), "buckets at {now} ms after {event:?}");
        let seen = counts.snapshot();
        assert_eq!((seen.refused, seen.would_refuse), (model.refused, model.would_refuse));
    }
}

/// What each has spent and not got back, in parts of tokens.
struct Model {
    settings: Settings,
    owed: BTreeMap<u8, u64>,
    /// The same of those who found no place.
    shared: u64,
    refused: u64,
    would_refuse: u64,
}

impl Model {
    fn is_by_client(&self) -> bool {
        matches!(self.settings.key, Key::Client | Key::Header)
    }

    fn come(&mut self, who: u8) -> Result<(), Duration> {
        let Settings { burst, max_keys, mode, .. } = self.settings;
        if mode == Mode::Off {
            return Ok(());
        }
        let who = if self.is_by_client() { who } else { 0 };
        let has_place = !self.is_by_client() || self.owed.contains_key(&who) || (self.owed.len() as u64) < max_keys;
        let owed = if has_place { self.owed.entry(who).or_default() } else { &mut self.shared };
        // Who owes more than the bucket holds kept to a larger one, before an edit.
        *owed = (*owed).min(burst * TOKEN);
        if *owed + TOKEN <= burst * TOKEN {
            *owed += TOKEN;
            return Ok(());
        }
        let missing = *owed + TOKEN - burst * TOKEN;
        if mode == Mode::Observe {
            self.would_refuse += 1;
            return Ok(());
        }
        self.refused += 1;
        let nanos = u128::from(missing) * u128::from(self.period()) * 1_000_000;
        let nanos = nanos.div_ceil(u128::from(self.settings.rate * TOKEN));
        Err(Duration::from_nanos(u64::try_from(nanos).expect("some days")))
    }

    fn pass(&mut self, millis: u64) {
        let back = millis * self.settings.rate * (TOKEN / self.period());
        self.owed.values_mut().chain([&mut self.shared]).for_each(|owed| *owed = owed.saturating_sub(back));
        self.owed.retain(|_, owed| *owed > 0);
    }

    fn edit(&mut self, settings: Settings) {
        if settings.key != self.settings.key {
            self.owed.clear();
            self.shared = 0;
        }
        self.settings = settings;
    }

    fn period(&self) -> u64 {
        1024 << self.settings.doubled
    }

    fn keys(&self) -> Option<usize> {
        self.is_by_client().then_some(self.owed.len())
    }
}

fn at(millis: u64) -> Moment {
    Moment::from_duration(Duration::from_millis(millis))
}

fn request(who: u8) -> Request<()> {
    let mut request = Request::new(());
    if who > 0 {
        request.headers_mut().insert(HEADER, u16::from(who).into());
        request.extensions_mut().insert(PeerAddr(SocketAddr::from(([192, 0, 2, who], 1))));
    }
    request
}

fn limits(settings: Settings) -> LimitsConfig {
    let rate = RateConfig {
        routes: List::literal([RoutePattern::everything()]),
        key: match settings.key {
            Key::All => RateKey::All,
            Key::Client => RateKey::Client,
            Key::Route => RateKey::Route,
            Key::Header => RateKey::Header(HEADER.parse().expect("a header")),
        },
        rate: Count::literal(settings.rate),
        period: Period::literal(1024 << settings.doubled),
        burst: Some(Count::literal(settings.burst)),
        max_keys: Count::literal(settings.max_keys),
        mode: Some(settings.mode),
    };
    let name: Name = "r".parse().expect("a name");
    LimitsConfig { rates: BTreeMap::from([(name, rate)]), ..LimitsConfig::default() }
}
