//! What a running process says of itself: `GET /config` of its admin listener.

use bytes::Bytes;
use http::{
    header::{HeaderValue, AUTHORIZATION, USER_AGENT, WWW_AUTHENTICATE},
    uri::{Authority, Scheme},
    Request, StatusCode, Uri,
};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::{
    client::legacy::{connect::HttpConnector, Client},
    rt::TokioExecutor,
};
use ops_layer::admin::CHALLENGE;
use serde::Deserialize;
use serde_json::Value;
use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// The longest an answer may take, its body included.
const PATIENCE: Duration = Duration::from_secs(5);
/// A larger answer is not that of a configuration.
const MOST_BYTES: usize = 16 << 20;

/// What is in force in a process.
#[derive(Debug, Deserialize)]
pub(crate) struct InForce {
    /// How many changes were applied; the first configuration is 1.
    pub(crate) generation: u64,
    /// When it was put in force.
    pub(crate) loaded_at: String,
    /// The configuration, secrets masked.
    pub(crate) value: Value,
    /// What is wrong with the file that it watches; none when it is in force.
    pub(crate) last_error: Option<LastError>,
}

/// What is wrong with a file.
#[derive(Debug, Deserialize)]
pub(crate) struct LastError {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// Why a process did not tell.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Silent {
    #[error("{0:?} is not the address of an admin listener, such as http://127.0.0.1:9091")]
    NotAnAddress(String),
    // The text itself is not said again: it holds a password.
    #[error(
        "an admin listener takes no user and password; name its address, and the file of a token with --token-file"
    )]
    HoldsUser,
    #[error("{0} is encrypted, which an admin listener is not; forward its port and name that: http://127.0.0.1:PORT")]
    Encrypted(String),
    #[error("no answer from {at}: {cause}; is the service running, and is this its `admin.listen`?")]
    NoAnswer { at: Place, cause: String },
    #[error("no whole answer from {at} within {PATIENCE:?}")]
    TooSlow { at: Place },
    /// `is_ours` where it asks as an admin listener does.
    #[error("{at} wants a token; name the file that holds it with --token-file")]
    TokenWanted { at: Place, is_ours: bool },
    #[error("{at} does not take this token")]
    TokenRefused { at: Place },
    #[error("{at} answers {status}: {said}")]
    Refused { at: Place, status: StatusCode, said: String },
    #[error("{at} is not the admin listener of a service with ops: {what}; its address is that of `admin.listen`, not of the service or its metrics")]
    SomethingElse { at: Place, what: String },
    #[error("the token holds what no header can carry")]
    TokenUnusable,
}

/// Where the admin listener is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place(Authority);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

impl From<SocketAddr> for Place {
    /// As a client on this machine reaches a listener there.
    fn from(listener: SocketAddr) -> Self {
        let address = match listener.ip() {
            IpAddr::V4(all) if all.is_unspecified() => SocketAddr::from(([127, 0, 0, 1], listener.port())),
            IpAddr::V6(all) if all.is_unspecified() => {
                SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, listener.port()))
            }
            _ => listener,
        };
        Self(Authority::try_from(address.to_string()).expect("the address of a socket is an authority"))
    }
}

impl std::str::FromStr for Place {
    type Err = Silent;

    /// An address as people write it: with or without the scheme, and the path of the page they look at.
    fn from_str(text: &str) -> Result<Self, Silent> {
        if text.contains('@') {
            return Err(Silent::HoldsUser);
        }
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let wrong = || Silent::NotAnAddress(text.to_owned());
        let uri: Uri = whole.parse().map_err(|_| wrong())?;
        if uri.scheme() == Some(&Scheme::HTTPS) {
            return Err(Silent::Encrypted(text.to_owned()));
        }
        // A client would take a port that there is not for that of the scheme.
        let authority = uri.authority().filter(|authority| authority.port_u16().is_some());
        let is_config = ["", "/", "/config", "/config/"].contains(&uri.path());
        let is_ours = uri.scheme() == Some(&Scheme::HTTP) && is_config;
        authority.filter(|_| is_ours).cloned().map(Self).ok_or_else(wrong)
    }
}

impl Place {
    /// Its port, which it always has.
    pub(crate) fn port(&self) -> Option<u16> {
        self.0.port_u16()
    }

    /// Whether it is on this machine, where a token that stands in the configuration may go unasked.
    pub(crate) fn is_this_machine(&self) -> bool {
        let host = self.0.host().trim_matches(['[', ']']);
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Asks a process what is in force.
///
/// # Errors
/// When it does not tell, and why.
pub(crate) async fn ask(at: &Place, token: Option<&str>) -> Result<InForce, Silent> {
    let late = |_| Silent::TooSlow { at: at.clone() };
    let (status, is_ours, body) = tokio::time::timeout(PATIENCE, get(at, token)).await.map_err(late)??;
    let at = at.clone();
    let something_else = |what: String| Silent::SomethingElse { at: at.clone(), what };
    match status {
        StatusCode::OK => {
            serde_json::from_slice(&body).map_err(|_| something_else("it answers with other things".to_owned()))
        }
        StatusCode::UNAUTHORIZED if token.is_none() => Err(Silent::TokenWanted { at, is_ours }),
        StatusCode::UNAUTHORIZED => Err(Silent::TokenRefused { at }),
        StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => {
            let said = String::from_utf8_lossy(&body)
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect();
            Err(Silent::Refused { at, status, said })
        }
        status => Err(something_else(format!("it answers {status}"))),
    }
}

/// What is answered, and whether that asks for a token as an admin listener does.
async fn get(at: &Place, token: Option<&str>) -> Result<(StatusCode, bool, Bytes), Silent> {
    let no_answer = |error: &(dyn Error + 'static)| Silent::NoAnswer { at: at.clone(), cause: root(error) };
    let mut request = Request::get(format!("{at}/config"))
        .header(USER_AGENT, concat!("ops/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())
        .map_err(|error| no_answer(&error))?;
    if let Some(token) = token {
        let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| Silent::TokenUnusable)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.map_err(|error| no_answer(&error))?;
    let status = response.status();
    let is_ours = response.headers().get(WWW_AUTHENTICATE).is_some_and(|challenge| challenge == CHALLENGE);
    let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
    Ok((status, is_ours, body.map_err(|error| no_answer(&*error))?.to_bytes()))
}

/// The first cause, without the system's number: what is around it only says that a request failed.
fn root(error: &(dyn Error + 'static)) -> String {
    if let Some(cause) = error.source() {
        return root(cause);
    }
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{Place, Silent};

    fn place(text: &str) -> String {
        match text.parse::<Place>() {
            Ok(place) => place.to_string(),
            Err(Silent::Encrypted(_)) => "encrypted".to_owned(),
            Err(Silent::HoldsUser) => "holds a user".to_owned(),
            Err(_) => "-".to_owned(),
        }
    }

    #[test]
    fn an_address_is_taken_as_people_write_it() {
        for text in
            ["127.0.0.1:9091", "http://127.0.0.1:9091", "http://127.0.0.1:9091/", "http://127.0.0.1:9091/config"]
        {
            assert_eq!(place(text), "http://127.0.0.1:9091", "{text}");
        }
        assert_eq!(place("http://[::1]:9091"), "http://[::1]:9091");
        assert_eq!(place("https://ops.example"), "encrypted");
        assert_eq!(place("http://user:pw@a:1"), "holds a user");
        let no_port = ["127.0.0.1", "http://a/", "http://127.0.0.1:99999", "http://a:"];
        for wrong in ["", "ftp://a:1", "http://a:1/metrics", "http://", "a b"].into_iter().chain(no_port) {
            assert_eq!(place(wrong), "-", "{wrong}");
        }
    }

    #[test]
    fn a_token_of_the_configuration_stays_on_this_machine() {
        let is_here = |text: &str| text.parse::<Place>().expect("an address").is_this_machine();
        assert!(["127.0.0.1:1", "localhost:1", "[::1]:1", "127.8.0.1:1"].iter().all(|text| is_here(text)));
        assert!(["10.0.0.1:1", "ops.example:1", "localhost.example:1", "0.0.0.0:1"].iter().all(|text| !is_here(text)));
    }

    #[test]
    fn a_listener_on_every_address_is_asked_here() {
        let place = |text: &str| Place::from(text.parse::<std::net::SocketAddr>().expect("an address")).to_string();
        assert_eq!(place("0.0.0.0:9091"), "http://127.0.0.1:9091");
        assert_eq!(place("[::]:9091"), "http://[::1]:9091");
        assert_eq!(place("10.0.0.1:9091"), "http://10.0.0.1:9091");
    }
}
