//! A secret is nowhere to be seen.

use super::super::{database_url::mask_password, DatabaseUrl, HttpUrl, PlainHttpUrl, Secret, SecretSource, MASK};
use proptest::prelude::*;
use serde_json::json;
use std::path::Path;

proptest! {
    /// Feature: production-excellence, Property 25: no secret appears in `Debug` or in what is printed.
    #[test]
    fn a_secret_is_neither_debugged_nor_printed(secret in "[A-Z0-9]{8,20}") {
        let inline = Secret::inline(secret.clone());
        for text in [format!("{inline:?}"), format!("{inline:#?}"), json!(inline).to_string()] {
            prop_assert!(!text.contains(&secret), "{}", text);
        }
        let mut resolved: Secret = serde_json::from_value(json!({ "env": "NAME" })).unwrap();
        resolved.resolve(secret.clone());
        prop_assert_eq!(resolved.expose(), Some(secret.as_str()));
        for text in [format!("{resolved:?}"), json!(resolved).to_string()] {
            prop_assert!(!text.contains(&secret), "{}", text);
            prop_assert!(text.contains("NAME"), "{}", text);
        }
    }

    /// Feature: production-excellence, Property 25: no password of a database's address appears, whatever stands in it.
    #[test]
    fn a_password_is_masked_in_an_address(
        scheme in "sqlite|postgres|postgresql|mysql|mariadb", user in "[a-z]{0,8}", noise in ["[/?#@:]{0,2}", "[/?#@:]{0,2}"], password in "[A-Z0-9]{6,12}", rest in "[a-z.:0-9]{1,9}(/[a-z]{0,5})?(\\?[a-z]=[a-z])?",
    ) {
        let password = format!("{}{password}{}", noise[0], noise[1]);
        let url = format!("{scheme}://{user}:{password}@{rest}");
        let secret = password.trim_matches(['/', '?', '#', '@', ':']);
        let address = DatabaseUrl::inline(url.clone());
        for text in [mask_password(&url).into_owned(), format!("{address:?}"), json!(address).to_string()] {
            prop_assert!(!text.contains(secret), "{} of {}", text, url);
            prop_assert!(text.contains(MASK) && text.contains(&user), "{} of {}", text, url);
        }
        prop_assert_eq!(address.expose(), Some(url.as_str()));
    }

    /// Feature: production-excellence, Property 25: no secret of an address's query appears, and the address is whole.
    #[test]
    fn a_secret_is_masked_in_a_query(
        before in "/[a-z]{0,5}\\?([a-z]=[a-z]{0,3}[&;])?", name in "[a-z]{0,3}(password|TOKEN|api_key|sig|%74oken)", secret in "[A-Z0-9]{6,12}", after in "([&;=/*?#][a-z*]{0,9})?",
    ) {
        let url = format!("http://collector:1{before}{name}={secret}{after}");
        let plain: PlainHttpUrl = url.parse().unwrap();
        let url: HttpUrl = url.parse().unwrap();
        let masked = format!("http://collector:1{before}{name}={MASK}");
        prop_assert_eq!([url.to_string(), plain.to_string()], [masked.as_str(), masked.as_str()]);
        prop_assert_eq!([format!("{url:?}"), format!("{plain:?}")], [format!("{masked:?}"), format!("{masked:?}")]);
        prop_assert_eq!([json!(url), json!(plain)], [json!(masked), json!(masked)]);
        let whole = format!("http://collector:1{before}{name}={secret}{after}");
        prop_assert_eq!([url.as_str(), plain.as_str()], [whole.as_str(), whole.as_str()]);
        prop_assert!(masked.parse::<HttpUrl>().is_err(), "it would ask with the asterisks");
    }
}

#[test]
fn a_query_without_a_secret_is_shown_as_it_is() {
    for url in ["http://c", "http://c/?", "http://c/?deep=yes&x", "http://c/token=a", "http://c/?token=&token"] {
        assert_eq!(url.parse::<HttpUrl>().unwrap().to_string(), url);
    }
}

#[test]
fn an_address_without_a_password_is_shown_as_it_is() {
    for url in ["sqlite::memory:", "sqlite://data.db", "sqlite:///var/lib/a:b.db?mode=rwc", "sqlite://user@host/x"] {
        assert_eq!(mask_password(url), url);
    }
}

#[test]
fn a_secret_is_read_in_place_or_from_elsewhere() {
    let read = |value| serde_json::from_value::<Secret>(value);
    assert_eq!(*read(json!("text")).unwrap().source(), SecretSource::Inline);
    assert_eq!(*read(json!({ "env": "A" })).unwrap().source(), SecretSource::Env("A".to_owned()));
    assert_eq!(*read(json!({ "file": "/a" })).unwrap().source(), SecretSource::File(Path::new("/a").into()));
    assert_eq!(read(json!({ "file": "/a" })).unwrap().expose(), None);
    for wrong in
        [json!(""), json!(MASK), json!(7), json!({}), json!({ "env": "" }), json!({ "env": "A", "file": "/a" })]
    {
        let error = read(wrong.clone()).unwrap_err().to_string();
        assert!(!error.contains("/a"), "{error}");
    }
}

#[test]
fn an_address_needs_a_scheme_that_can_be_opened() {
    let read = |value| serde_json::from_value::<DatabaseUrl>(value);
    assert!(read(json!("sqlite:a.db")).is_ok());
    for wrong in ["sqlite", "sqlite:", "mssql://secret@host", "SQLITE:a", ""] {
        let error = read(json!(wrong)).unwrap_err().to_string();
        assert!(!error.contains("secret@host"), "{error}");
    }
}
