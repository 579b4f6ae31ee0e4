//! One rate of a generation, over the buckets of its name.

use super::{
    bucket::Bucket,
    refill::{Refill, TOKEN},
    table::Table,
};
use crate::{call::PeerAddr, clock::Moment};
use http::{HeaderName, Request};
use ops_config::{
    section::{Mode, RateConfig},
    value::{RateKey, RoutePattern},
};
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

/// One rate of a generation.
#[derive(Debug)]
pub(super) struct Rate {
    pub(super) mode: Mode,
    refill: Refill,
    /// What a full bucket holds, in parts of tokens.
    burst: u64,
    max_keys: usize,
    buckets: Buckets,
}

/// The buckets of a rate, by what it is counted by.
#[derive(Debug)]
enum Buckets {
    All(Arc<Bucket>),
    Routes(Box<[(RoutePattern, Arc<Bucket>)]>),
    Client(Arc<Table>),
    Header(HeaderName, Arc<Table>),
}

/// Who a request comes from, as far as a rate wants to know.
#[derive(Hash)]
enum Sender<'r> {
    Client(IpAddr),
    Header(&'r [u8]),
    /// No address, or not the header: all of them together, or leaving it away would be the way around the rate.
    Unknown,
}

impl Rate {
    /// A rate, over what was spent before.
    pub(super) fn new(config: &RateConfig, mode: Mode, before: Option<&Self>, now: Moment) -> Self {
        let (tokens, period) = (config.rate.get(), config.period.get());
        let refill = match before {
            Some(before) => before.refill.at_rate(tokens, period, now),
            None => Refill::new(tokens, period, now),
        };
        Self {
            mode,
            refill,
            burst: config.burst.unwrap_or(config.rate).get() * TOKEN,
            max_keys: config.max_keys.as_usize(),
            buckets: Buckets::new(config, before.map(|before| &before.buckets)),
        }
    }

    /// Takes a token for a request that matched the `route`-th pattern.
    ///
    /// # Errors
    /// The time until there is one.
    pub(super) fn take<B>(&self, request: &Request<B>, route: usize, now: Moment) -> Result<(), Duration> {
        let mark = self.refill.mark(now);
        let taken = match &self.buckets {
            Buckets::All(bucket) => bucket.take(mark, self.burst),
            Buckets::Routes(buckets) => buckets.get(route).map_or(Ok(()), |(_, bucket)| bucket.take(mark, self.burst)),
            Buckets::Client(table) => table.take(Sender::client(request), mark, self.burst, self.max_keys),
            Buckets::Header(name, table) => table.take(Sender::header(request, name), mark, self.burst, self.max_keys),
        };
        taken.map_err(|missing| self.refill.until(mark.saturating_add(missing), now))
    }

    /// Buckets that owe, where clients decide how many there are.
    pub(super) fn keys(&self, now: Moment) -> Option<usize> {
        match &self.buckets {
            Buckets::All(_) | Buckets::Routes(_) => None,
            Buckets::Client(table) | Buckets::Header(_, table) => Some(table.keys(self.refill.mark(now))),
        }
    }
}

impl Buckets {
    /// Full buckets, but for those there were before by the same key.
    fn new(config: &RateConfig, before: Option<&Self>) -> Self {
        match &config.key {
            RateKey::All => Self::All(match before {
                Some(Self::All(bucket)) => Arc::clone(bucket),
                _ => Arc::default(),
            }),
            RateKey::Route => {
                let known: &[_] = if let Some(Self::Routes(known)) = before { known } else { &[] };
                let bucket = |route: &RoutePattern| {
                    let same = known.iter().find(|(known, _)| known == route);
                    (route.clone(), same.map_or_else(Arc::default, |(_, bucket)| Arc::clone(bucket)))
                };
                Self::Routes(config.routes.iter().map(bucket).collect())
            }
            RateKey::Client => Self::Client(match before {
                Some(Self::Client(table)) => Arc::clone(table),
                _ => Arc::default(),
            }),
            RateKey::Header(name) => {
                // What is a name to the configuration is one to HTTP. Were it not: better one bucket for all than none.
                let Ok(name) = HeaderName::from_bytes(name.as_str().as_bytes()) else {
                    return Self::All(Arc::default());
                };
                let table = match before {
                    Some(Self::Header(known, table)) if *known == name => Arc::clone(table),
                    _ => Arc::default(),
                };
                Self::Header(name, table)
            }
        }
    }
}

impl<'r> Sender<'r> {
    fn client<B>(request: &Request<B>) -> Self {
        match PeerAddr::of_request(request).map(|peer| peer.ip().to_canonical()) {
            // Whoever has one address of a network of 64 bits has all of them (RFC 4291, section 2.5.4).
            Some(IpAddr::V6(address)) => {
                Self::Client(IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))))
            }
            Some(address) => Self::Client(address),
            None => Self::Unknown,
        }
    }

    /// Of several values the first, which is the one that services look at.
    fn header<B>(request: &'r Request<B>, name: &HeaderName) -> Self {
        request.headers().get(name).map_or(Self::Unknown, |value| Self::Header(value.as_bytes()))
    }
}
