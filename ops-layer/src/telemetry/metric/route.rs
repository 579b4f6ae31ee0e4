//! The route of a request as a label: what the service calls it, never the path.

use axum::extract::MatchedPath;
use http::Request;
use std::sync::{
    atomic::{AtomicUsize, Ordering::Relaxed},
    OnceLock,
};

/// The label of requests whose route is not known, and of all beyond the bound.
pub const OTHER_ROUTE: &str = "_OTHER";

/// The name of a request's route, for services that are not axum routers: put it into the
/// extensions of the request or of the response. With axum nothing is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route(&'static str);

impl Route {
    /// A route, such as `/items/{id}`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// The route that is known before the request is worked on.
    pub(crate) fn of_request<B>(request: &Request<B>) -> Option<&str> {
        let extensions = request.extensions();
        match extensions.get::<MatchedPath>() {
            Some(path) => Some(path.as_str()),
            None => extensions.get::<Self>().map(|route| route.0),
        }
    }
}

/// Routes with a series of their own; the rest share [`OTHER_ROUTE`].
pub(super) const MAX_ROUTES: usize = 512;
/// Twice as many places, so that a look-up ends after one or two.
const PLACES: usize = MAX_ROUTES * 2;
/// How many ids there are.
pub(super) const IDS: usize = PLACES + 1;

/// A route's place in every table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RouteId(usize);

impl RouteId {
    pub(super) const OTHER: Self = Self(PLACES);

    pub(super) const fn index(self) -> usize {
        self.0
    }

    /// The id of this place.
    pub(super) const fn at(index: usize) -> Self {
        Self(index)
    }
}

/// The routes seen so far. Names are only ever added, so a look-up needs no lock, and an id
/// stays right for the life of the process.
#[derive(Debug)]
pub(super) struct Routes {
    places: Box<[OnceLock<Box<str>>]>,
    taken: AtomicUsize,
}

impl Routes {
    pub(super) fn new() -> Self {
        Self { places: (0..PLACES).map(|_| OnceLock::new()).collect(), taken: AtomicUsize::new(0) }
    }

    /// The id of a route; a new one is added while there is room.
    pub(super) fn id(&self, name: &str) -> RouteId {
        let start = hash(name);
        for step in 0..PLACES {
            let at = (start + step) % PLACES;
            let known = match self.places[at].get() {
                Some(known) => &**known,
                None if !self.reserve() => break,
                None => self.settle(at, name),
            };
            // Another thread may have been faster with another name: then look on.
            if *known == *name {
                return RouteId(at);
            }
        }
        RouteId::OTHER
    }

    /// The name of an id.
    pub(super) fn name(&self, id: RouteId) -> &str {
        self.places.get(id.0).and_then(OnceLock::get).map_or(OTHER_ROUTE, |name| name)
    }

    /// Who has the place that this route asked for; where it is another thread's, what was reserved is given back.
    fn settle(&self, at: usize, name: &str) -> &str {
        let mut is_ours = false;
        let settled = self.places[at].get_or_init(|| {
            is_ours = true;
            name.into()
        });
        if !is_ours {
            self.taken.fetch_sub(1, Relaxed);
        }
        settled
    }

    fn reserve(&self) -> bool {
        self.taken.fetch_update(Relaxed, Relaxed, |taken| (taken < MAX_ROUTES).then_some(taken + 1)).is_ok()
    }
}

/// Eight bytes a step: a route is short, is not chosen by clients, and is hashed for each request.
fn hash(name: &str) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: [u8; 8]| (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(ODD);
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let hash = mix(words.iter().copied().fold(name.len() as u64, mix), last);
    // The upper half: a product's lower bits know nothing of the word's upper ones.
    usize::try_from(hash >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{RouteId, Routes, MAX_ROUTES, OTHER_ROUTE};
    use std::sync::{atomic::Ordering::Relaxed, Barrier};

    #[test]
    fn a_route_keeps_its_id_and_its_name() {
        let routes = Routes::new();
        let ids: Vec<_> = (0..MAX_ROUTES).map(|n| routes.id(&format!("/r/{n}"))).collect();
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(routes.id(&format!("/r/{n}")), *id);
            assert_eq!(routes.name(*id), format!("/r/{n}"));
        }
    }

    #[test]
    fn routes_beyond_the_bound_share_one_label() {
        let routes = Routes::new();
        let names: std::collections::HashSet<_> =
            (0..MAX_ROUTES * 3).map(|n| routes.name(routes.id(&format!("/r/{n}"))).to_owned()).collect();
        assert_eq!(names.len(), MAX_ROUTES + 1);
        assert!(names.contains(OTHER_ROUTE));
        assert_eq!(routes.name(routes.id("/r/0")), "/r/0", "those that had a place keep it");
    }

    #[test]
    fn threads_that_race_for_a_route_agree_and_spend_one_place() {
        const THREADS: usize = 16;
        for _ in 0..20 {
            let (routes, all_are_there) = (Routes::new(), Barrier::new(THREADS));
            let ids = std::thread::scope(|scope| {
                let look = || {
                    all_are_there.wait();
                    (0..100).map(|n| routes.id(&format!("/{n}"))).collect::<Vec<_>>()
                };
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(look)).collect();
                threads.into_iter().map(|thread| thread.join().expect("a look-up does not panic")).collect::<Vec<_>>()
            });
            assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
            assert!(!ids[0].contains(&RouteId::OTHER));
            assert_eq!(routes.taken.load(Relaxed), 100);
        }
    }

    #[test]
    fn who_comes_too_late_for_a_place_gives_back_what_it_reserved() {
        let routes = Routes::new();
        for (name, settled) in [("/a", "/a"), ("/b", "/a"), ("/a", "/a")] {
            assert!(routes.reserve());
            assert_eq!(routes.settle(7, name), settled);
            assert_eq!(routes.taken.load(Relaxed), 1);
        }
    }
}
