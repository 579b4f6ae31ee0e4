//! The schema of a value written as a text takes what `FromStr` takes.

use super::{
    super::document::compile,
    documents::{text, Edit},
};
use crate::value::{
    days, gib, hours, kib, minutes, seconds, AttributeName, FieldName, HeaderName, Host, HttpUrl, LogFilter, Name,
    Peer, Period, PlainHttpUrl, RateKey, RoutePattern, Size, SocketAddress, StatusPattern,
};
use proptest::{collection::vec, prelude::*};
use schemars::JsonSchema;
use serde_json::Value;
use std::{fmt::Debug, str::FromStr};

fn schema_of<T: JsonSchema>() -> &'static Value {
    Box::leak(Box::new(schemars::schema_for!(T).to_value()))
}

macro_rules! judged_alike {
    ($($test:ident: $type:ty;)*) => {$(
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(256))]

            /// Feature: production-excellence, Property 20: pattern and parser give the same verdict.
            #[test]
            fn $test(text in text(schema_of::<$type>()), edits in vec(vec(Edit::any(), 1..4), 12), other in "\\PC{0,10}") {
                use std::sync::LazyLock;
                static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| compile(schema_of::<$type>()));
                prop_assert!(text.parse::<$type>().is_ok(), "{:?}", text);
                agree::<$type>(&VALIDATOR, &text)?;
                agree::<$type>(&VALIDATOR, &other)?;
                for edits in edits {
                    let near = edits.iter().fold(text.clone(), |text, edit| edit.apply(&text));
                    agree::<$type>(&VALIDATOR, &near)?;
                }
            }
        }
    )*};
}

fn agree<T: FromStr<Err: Debug>>(validator: &jsonschema::Validator, text: &str) -> Result<(), TestCaseError> {
    let (schema, parser) = (validator.is_valid(&Value::from(text)), text.parse::<T>().map(|_| ()));
    prop_assert_eq!(schema, parser.is_ok(), "{:?}: {:?}", text, parser);
    Ok(())
}

judged_alike! {
    names: Name;
    field_names: FieldName;
    header_names: HeaderName;
    attribute_names: AttributeName;
    rate_keys: RateKey;
    route_patterns: RoutePattern;
    status_patterns: StatusPattern;
    log_filters: LogFilter;
    hosts: Host;
    socket_addresses: SocketAddress;
    peers: Peer;
    http_urls: HttpUrl;
    plain_http_urls: PlainHttpUrl;
    short_periods: Period<0, { seconds(10) }>;
    periods: Period<10, { hours(1) }>;
    long_periods: Period<1000, { days(30) }>;
    odd_periods: Period<7, { minutes(17) }>;
    sizes: Size<{ kib(1) }, { kib(1 << 40) }>;
    odd_sizes: Size<1000, { gib(3) }>;
}
