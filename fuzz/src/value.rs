//! Any text as each refined value.

use super::SECRET;
use ops_config::value::{
    AttributeName, Count, DatabaseKind, DatabaseUrl, HeaderName, Host, HttpUrl, List, LogFilter, Name, Peer, Period,
    PlainHttpUrl, Port, Positive, Ratio, RoutePattern, Secret, SecretSource, Size, SocketAddress, StatusPattern, MASK,
};
use oracle::{reads_back, returns};
use serde_json::{json, Value};

#[path = "../../ops-config/tests/oracle/value.rs"]
mod oracle;

/// It is refused, or it prints to a text that reads as the same value; a secret does not print.
pub fn judge(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    returns::<Period<0, { u64::MAX }>>(text);
    returns::<Period<10, 3_600_000>>(text);
    returns::<Size<0, { u64::MAX }>>(text);
    returns::<Host>(text);
    returns::<SocketAddress>(text);
    returns::<Peer>(text);
    // Of a query not all may be printed.
    if !text.contains('?') {
        returns::<HttpUrl>(text);
        returns::<PlainHttpUrl>(text);
    }
    returns::<LogFilter>(text);
    returns::<Name>(text);
    returns::<HeaderName>(text);
    returns::<AttributeName>(text);
    returns::<StatusPattern>(text);
    if let Some(pattern) = returns::<RoutePattern>(text) {
        // Matching must end, whatever the pattern.
        let _ = pattern.matches(text);
        assert!(!RoutePattern::everything().cmp(&pattern).is_lt(), "nothing is less specific than everything");
    }
    let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    numbers(&value);
    secrets(&value);
    passwords(text);
}

fn numbers(value: &Value) {
    fn reads<T: serde::de::DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug>(value: &Value) {
        if let Ok(read) = T::deserialize(value) {
            reads_back(&read);
        }
    }
    reads::<Count<1, 10_000>>(value);
    // TOML's whole numbers end here.
    reads::<Count<0, { i64::MAX as u64 }>>(value);
    reads::<Port>(value);
    reads::<Ratio>(value);
    reads::<Positive>(value);
    reads::<List<StatusPattern, 1, 100>>(value);
    reads::<List<Ratio, 0, 3>>(value);
}

/// A secret in place is neither shown nor written; one that stands elsewhere says where, and only that.
fn secrets(value: &Value) {
    let Ok(secret) = serde_json::from_value::<Secret>(value.clone()) else { return };
    let written = serde_json::to_value(&secret).expect("a secret can be written");
    match secret.source() {
        SecretSource::Inline => {
            assert_eq!(secret.expose(), value.as_str());
            assert_eq!((written, format!("{secret:?}")), (json!(MASK), MASK.to_owned()));
            assert!(serde_json::from_value::<Secret>(json!(MASK)).is_err(), "a mask is no secret");
        }
        SecretSource::Env(_) | SecretSource::File(_) => {
            assert_eq!((&written, secret.expose()), (value, None));
            reads_back(&secret);
        }
    }
}

/// Whatever stands around it in an address, a password is not shown; nor is an address that is refused.
fn passwords(text: &str) {
    if text.contains(SECRET) {
        return;
    }
    let schemes = DatabaseKind::SCHEMES.map(|(scheme, _)| scheme);
    let around =
        |scheme| [format!("{scheme}://ops:{SECRET}{text}@db"), format!("{scheme}://ops:{text}{SECRET}@db/{text}")];
    for url in schemes.into_iter().flat_map(around) {
        // A driver that is handed the address takes the secret for a part of the password and of nothing else.
        let kind = DatabaseKind::of(&url).expect("a scheme of the list");
        if kind != DatabaseKind::Sqlite && kind.fault(&url).is_none() {
            let authority = url.split("//").nth(1).and_then(|rest| rest.split(['/', '?']).next());
            let credentials = authority.and_then(|authority| authority.rsplit_once('@')).map(|(before, _)| before);
            assert!(credentials.is_some_and(|credentials| credentials.contains(SECRET)), "{url}");
        }
        let shown = match serde_json::from_value::<DatabaseUrl>(json!(url)) {
            Ok(url) => format!("{url:?}{}", serde_json::to_string(&url).expect("an address can be written")),
            Err(error) => error.to_string(),
        };
        assert!(!shown.contains(SECRET), "{shown}");
    }
    let refused = serde_json::from_value::<DatabaseUrl>(json!(format!("{text}:{SECRET}")));
    assert!(refused.map_or_else(|error| !error.to_string().contains(SECRET), |_| true));
}
