use super::{is_secret, query, url};
use ops_config::value::MASK;
use proptest::prelude::*;

const SECRET: [&str; 75] = [
    "password",
    "passwd",
    "pwd",
    "pass",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "apiKey",
    "x-api-key",
    "authorization",
    "Authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "set-cookie2",
    "credential",
    "credentials",
    "private_key",
    "privateKeyPem",
    "access_key",
    "secret_access_key",
    "session",
    "session_id",
    "session.id",
    "sessionId",
    "JSESSIONID",
    "PHPSESSID",
    "signature",
    "sig",
    "AWSAccessKeyId",
    "X-Goog-Signature",
    "X-Amz-Security-Token",
    "db_password",
    "userpassword",
    "password1",
    "user.password.old",
    "access_tokens",
    "oauth2Token",
    "HTTPAuthorization",
    "noSqlPassword",
    "maxMindSecret",
    "MinIOSecretKey",
    "is.db.password",
    "no_auth_token",
    "auth",
    "basic_auth",
    "proxy_auth",
    "x-auth",
    "auth_header",
    "dbpass",
    "license_key",
    "aes_key",
    "tls_key",
    "webhook_key",
    "admin_key",
    "masterkey",
    "encryptionkey",
    "authkey",
    "signingkey",
    "connectionstring",
    "sessionid",
    "dsn",
    "conn_str",
    "pin",
    "cvv",
    "recovery_code",
    "verification_code",
    "auth_code",
    "device_code",
    "code_verifier",
    "authorization_url",
    "secret_uri",
    "token_url",
];

const PLAIN: [&str; 38] = [
    "token_count",
    "max_tokens",
    "total_tokens",
    "gen_ai.usage.input_tokens",
    "tokenizer",
    "token_type",
    "author",
    "authority",
    "authenticated",
    "keyboard",
    "key",
    "monkey",
    "primary_key",
    "keys",
    "design",
    "signal",
    "compass",
    "passenger",
    "passed",
    "secretary",
    "has_password",
    "is_secret",
    "password_length",
    "cookie_count",
    "session_count",
    "sessions",
    "http_route",
    "user_agent_original",
    "is_session",
    "needs_auth",
    "has_api_key",
    "ping",
    "code",
    "error_code",
    "status_code",
    "tickets",
    "id",
    "",
];

#[test]
fn names_of_secrets_are_known_and_others_left_alone() {
    let missed: Vec<_> = SECRET.into_iter().filter(|name| !is_secret(name)).collect();
    let struck: Vec<_> = PLAIN.into_iter().filter(|name| is_secret(name)).collect();
    assert_eq!((missed, struck), (vec![], vec![]));
}

#[test]
fn an_address_is_shown_without_what_lets_others_in() {
    for (shown, whole) in [
        ("https://shop/pay?id=7&token=********&page=2", "https://shop/pay?id=7&token=abc&page=2"),
        ("https://********:********@db:5432/app", "https://app:hunter2@db:5432/app"),
        ("https://********:********@db/a@b?sig=********", "https://app:hun:t@er2@db/a@b?sig=1"),
        ("https://user@host/?q=1", "https://user@host/?q=1"),
        ("https://********@github.com/x", "https://ghp_16C7e42F292c6912E7@github.com/x"),
        ("/back?ticket=********&SAMLResponse=********&auth_code=********", "/back?ticket=a&SAMLResponse=b&auth_code=c"),
        ("/t?code_verifier=********&client_assertion=********", "/t?code_verifier=a&client_assertion=b"),
        ("/t?client_assertion_type=jwt-bearer", "/t?client_assertion_type=jwt-bearer"),
        ("https://x/#access_token=********&state=5", "https://x/#access_token=abc&state=5"),
        ("/maps?key=********", "/maps?key=AIza"),
        ("/a?%74oken=********", "/a?%74oken=abc"),
        ("/a?token=&b=c", "/a?token=&b=c"),
        ("/a?token=********", "/a?token=x=y=z"),
        ("", ""),
    ] {
        assert_eq!(url(whole), shown, "{whole}");
    }
    assert_eq!(query("id=7&api_key=abc"), format!("id=7&api_key={MASK}"));
}

/// Words that mean nothing here.
fn plain_word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "user", "db", "x", "old", "payment", "upstream", "first", "line", "http2", "Ä", "no", "has",
    ])
}

/// The words of a secret.
fn secret_words() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::select(vec![
        vec!["password"],
        vec!["secret"],
        vec!["token"],
        vec!["api", "key"],
        vec!["private", "key"],
        vec!["access", "key"],
        vec!["session", "id"],
        vec!["credentials"],
        vec!["set", "cookie"],
        vec!["authorization"],
        vec!["signature"],
        vec!["sig"],
    ])
}

/// Words put together as people do.
fn joined(words: &[&str], style: usize) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    match style {
        0 => words.join("_"),
        1 => words.join("-"),
        2 => words.join("."),
        3 => words.join("_").to_uppercase(),
        4 => words.iter().map(|word| capital(word)).collect(),
        5 => words.iter().map(|word| capital(word)).collect::<Vec<_>>().join("-"),
        _ => words[0].to_owned() + &words[1..].iter().map(|word| capital(word)).collect::<String>(),
    }
}

proptest! {
    #[test]
    fn a_secret_is_known_within_a_longer_name_in_every_spelling(
        before in prop::collection::vec(plain_word(), 0..3),
        secret in secret_words(),
        after in prop::collection::vec(plain_word(), 0..2),
        style in 0usize..7,
    ) {
        let words: Vec<&str> = before.iter().chain(&secret).chain(&after).copied().collect();
        let name = joined(&words, style);
        // One that speaks about what follows at once.
        let is_about = matches!(before[..], ["no" | "has"]);
        prop_assert!(is_secret(&name) || is_about, "{}", name);
        let plain: Vec<&str> = before.iter().chain(&after).copied().collect();
        if !plain.is_empty() {
            prop_assert!(!is_secret(&joined(&plain, style)));
        }
    }

    /// Feature: production-excellence, Property 25: no secret that stands under its name in an address is shown.
    #[test]
    fn no_value_under_a_secrets_name_is_left_in_an_address(
        path in "[a-z/]{0,12}",
        secret in secret_words(),
        style in 0usize..7,
        value in "[A-Za-z0-9%/+:@=._~-]{12,40}",
        other in "[a-z0-9]{0,6}",
        password in prop::option::of("[A-Za-z0-9!:@]{12,30}"),
    ) {
        let credentials = password.as_ref().map(|password| format!("app:{password}@")).unwrap_or_default();
        let name = joined(&secret, style);
        let whole = format!("https://{credentials}host/{path}?a={other}&{name}={value}&b={other}#c={other}");
        let shown = url(&whole).into_owned();
        prop_assert!(!shown.contains(&value), "{}", shown);
        if let Some(password) = password {
            prop_assert!(!shown.contains(&password), "{}", shown);
        }
        let ending = format!("&b={other}#c={other}");
        prop_assert!(shown.ends_with(&ending), "the rest is there: {}", shown);
        prop_assert_eq!(url(&shown), shown.as_str(), "shown again it is the same");
    }

    #[test]
    fn any_text_is_read_without_a_fault(text in any::<String>()) {
        let _ = is_secret(&text);
        let shown = url(&text);
        prop_assert!(!shown.is_empty() || text.is_empty());
    }
}
