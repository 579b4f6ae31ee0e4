//! What must hold of rates.

mod arrivals;
mod keys;
mod plans;

use super::{RateCounts, RatePlan};
use crate::{call::PeerAddr, clock::Moment};
use http::Request;
use ops_config::section::LimitsConfig;
use std::time::Duration;

/// A moment of the test's own clock.
fn at(nanos: u64) -> Moment {
    Moment::from_nanos(nanos)
}

fn limits(text: &str) -> LimitsConfig {
    toml::from_str(text).expect("a valid section")
}

/// A plan over that before it, if any.
fn plan(text: &str, before: Option<&RatePlan>, counts: &RateCounts, now: Moment) -> RatePlan {
    RatePlan::build(&limits(text), before, counts, now)
}

fn request(path: &str) -> Request<()> {
    Request::get(path).body(()).expect("a request")
}

fn from(peer: &str) -> Request<()> {
    let mut request = request("/");
    request.extensions_mut().insert(PeerAddr(peer.parse().expect("an address")));
    request
}

const SECOND: Duration = Duration::from_secs(1);
