//! `POST /breakers/{name}`: an operator holds a circuit.
//!
//! The body is `{"state": …, "for": "5m"}`. The words are orders, the words of the answer are what came of them:
//!
//! | `state` | the circuit | shown as |
//! |---|---|---|
//! | `forced_open` | refuses every call, where its mode is `enforce` | `forced_open` |
//! | `closed` | lets every call pass, none of which counts | `forced_closed` |
//! | `auto` | goes by its settings again, from the state it was in | that state |
//!
//! `for` is from 1 second to 24 hours, five minutes where it is left out; `auto` takes none. There is no hold without
//! an end here: the one that is forgotten must not outlast the incident by more than a day. A reload leaves a hold as
//! it is, as long as the file keeps the breaker; a restart ends it.

use super::{
    breaker::Breaker,
    guard::Admitted,
    mechanism::{find, fresh, Mechanisms, Named},
    problem::problem,
};
use crate::{breaker::Forced, call::PeerAddr};
use axum::{
    body::Bytes,
    extract::{rejection::BytesRejection, Extension, State},
    response::Response,
};
use http::StatusCode;
use ops_config::value::{hours, seconds, Malformed, Period};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// How long a circuit may be held.
type Lasting = Period<{ seconds(1) }, { hours(24) }>;

/// How long it is held where the order does not say.
const USUAL: Duration = Duration::from_mins(5);

const FORM: &str = "an object of \"state\" and, if wanted, \"for\", each once and nothing else, \
                    such as {\"state\":\"forced_open\",\"for\":\"5m\"}";

/// Holds the breaker of a name or lets it go, and shows it as it is then. A name that is unknown makes none.
pub(super) async fn force(
    State(mechanisms): State<Mechanisms>,
    name: Named,
    admitted: Option<Extension<Admitted>>,
    peer: Option<Extension<PeerAddr>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let breakers = mechanisms.breakers();
    let name = match find("breaker", name, &breakers, |breaker| &breaker.name) {
        Ok(breaker) => &breaker.name,
        Err(unknown) => return *unknown,
    };
    let order = match body.map_err(|rejection| Unfit::Unread(rejection.status())).and_then(|body| Order::read(&body)) {
        Ok(order) => order,
        Err(unfit) => return unfit.answer(),
    };
    let breaker = match mechanisms.circuits.force(name, order.forced, order.lasting) {
        Ok(snapshot) => Breaker::from(snapshot),
        // A reload has taken it meanwhile.
        Err(unknown) => return problem(StatusCode::NOT_FOUND, &unknown.to_string()),
    };
    let peer = peer.map_or_else(|| "unknown".to_owned(), |Extension(PeerAddr(peer))| peer.to_string());
    // No field is called a token: the log would mask it.
    let guarded = admitted.is_some_and(|Extension(admitted)| admitted.token_needed);
    let (state, until) = (breaker.forced(), breaker.forced_until());
    tracing::warn!(name: "admin.breaker_forced", peer, guarded, breaker = name, state, until, "circuit forced by an operator");
    fresh(&breaker)
}

/// What is to be done with a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    forced: Forced,
    lasting: Option<Duration>,
}

/// What a body must look like. What its fields may hold is told of each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    state: Value,
    #[serde(rename = "for")]
    lasting: Option<Value>,
}

/// Why a body is no order. What it says instead is not repeated.
#[derive(Debug, PartialEq, Eq)]
enum Unfit {
    /// Too long, or cut off.
    Unread(StatusCode),
    /// No JSON, or nested too deeply to tell.
    Malformed,
    /// JSON that is no order.
    Wrong(String),
}

impl Order {
    fn read(body: &[u8]) -> Result<Self, Unfit> {
        let wrong = |expected: &str| Unfit::Wrong(format!("expected {expected}"));
        let value: Value = serde_json::from_slice(body).map_err(|_| Unfit::Malformed)?;
        // Asked of the value, as an array would do for a structure.
        if !value.is_object() {
            return Err(wrong(FORM));
        }
        // Read again, as the value does not tell of a key that came twice.
        let form: Form = serde_json::from_slice(body).map_err(|_| wrong(FORM))?;
        let forced = match form.state.as_str() {
            Some("forced_open") => Forced::Open,
            Some("closed") => Forced::Closed,
            Some("auto") => Forced::Auto,
            _ => return Err(wrong("\"forced_open\", \"closed\" or \"auto\" as \"state\"")),
        };
        let lasting = match (forced, form.lasting) {
            (Forced::Auto, Some(_)) => return Err(wrong("no \"for\" with \"auto\", which needs no end")),
            (Forced::Auto, None) => None,
            (_, None) => Some(USUAL),
            (_, Some(lasting)) => {
                let lasting: Result<Lasting, Malformed> = lasting.as_str().unwrap_or_default().parse();
                Some(lasting.map_err(|malformed| Unfit::Wrong(format!("\"for\": {malformed}")))?.get())
            }
        };
        Ok(Self { forced, lasting })
    }
}

impl Unfit {
    fn answer(&self) -> Response {
        match self {
            Self::Unread(StatusCode::PAYLOAD_TOO_LARGE) => {
                problem(StatusCode::PAYLOAD_TOO_LARGE, &format!("the body is too long; expected {FORM}"))
            }
            Self::Unread(status) => problem(*status, &format!("the body ended early; expected {FORM}")),
            Self::Malformed => problem(StatusCode::BAD_REQUEST, &format!("the body is no JSON; expected {FORM}")),
            Self::Wrong(detail) => problem(StatusCode::UNPROCESSABLE_ENTITY, detail),
        }
    }
}

#[cfg(test)]
mod tests;
