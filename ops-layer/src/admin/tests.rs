use super::guard::{admit, Denied};
use http::Request;

fn request(method: &str, headers: &[(&str, &str)]) -> Request<()> {
    let builder = Request::builder().method(method).uri("/config");
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(()).expect("a valid request")
}

const HERE: (&str, &str) = ("host", "127.0.0.1:9091");

#[test]
fn this_machine_by_address_or_localhost_is_admitted() {
    for host in ["127.0.0.1:9091", "localhost:9091", "LOCALHOST", "[::1]:9091", "10.0.0.7"] {
        assert_eq!(admit(&request("GET", &[("host", host)]), None), Ok(()), "{host}");
    }
}

#[test]
fn a_rebound_name_is_refused_unless_the_token_is_known() {
    let rebound = [("host", "evil.example:9091")];
    assert_eq!(admit(&request("GET", &rebound), None), Err(Denied::Host));
    assert_eq!(admit(&request("GET", &[]), None), Err(Denied::Host));
    let known = [rebound[0], ("authorization", "Bearer s3cret")];
    assert_eq!(admit(&request("GET", &known), Some("s3cret")), Ok(()));
}

#[test]
fn other_sites_are_refused() {
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:1234"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(admit(&request("GET", &[HERE, (name, value)]), None), Err(Denied::Origin), "{name}: {value}");
    }
    let own = [HERE, ("origin", "http://127.0.0.1:9091"), ("sec-fetch-site", "same-origin")];
    assert_eq!(admit(&request("GET", &own), None), Ok(()));
}

#[test]
fn the_whole_token_is_asked_for() {
    for given in ["", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3crett", "Basic s3cret", "s3cret"] {
        let headers = [HERE, ("authorization", given)];
        assert_eq!(admit(&request("GET", &headers), Some("s3cret")), Err(Denied::Token), "{given:?}");
    }
    assert_eq!(admit(&request("GET", &[HERE]), Some("s3cret")), Err(Denied::Token));
    assert_eq!(admit(&request("GET", &[HERE, ("authorization", "bearer s3cret")]), Some("s3cret")), Ok(()));
}

#[test]
fn a_change_needs_a_content_type_that_forms_cannot_send() {
    for given in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let headers = [HERE, ("content-type", given)];
        assert_eq!(admit(&request("POST", &headers), None), Err(Denied::ContentType), "{given}");
    }
    assert_eq!(admit(&request("POST", &[HERE]), None), Err(Denied::ContentType));
    let json = [HERE, ("content-type", "application/json; charset=utf-8")];
    assert_eq!(admit(&request("POST", &json), None), Ok(()));
}
