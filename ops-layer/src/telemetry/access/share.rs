//! A share of requests, dealt.

use crate::telemetry::{
    deck::{part, Deck, WHOLE},
    random,
};
use ops_config::value::Ratio;

/// A share of requests. Of all since it was made the ratio is taken, give or take less than one: a coin
/// would be off by a tenth at a thousand often enough.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) ratio: Ratio,
    deck: Deck,
}

impl Share {
    pub(super) fn new(ratio: Ratio) -> Self {
        Self { ratio, deck: Deck::default() }
    }

    /// Whether it takes the next request.
    pub(super) fn takes(&self) -> bool {
        self.deck.takes(part(self.ratio, WHOLE), || random::words()[0])
    }
}
