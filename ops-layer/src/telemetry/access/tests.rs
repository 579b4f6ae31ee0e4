//! What is said of requests of all kinds, and of which.

use super::{rules_for, share::Share, AccessLayer};
use crate::{
    call::{Call, PeerAddr},
    refusal::{Fault, Refusal},
    telemetry::{
        collector::{call, config, publish, subscribe, Plan},
        log::LogEntry,
        metric::Route,
        output::Output,
        trace::{TraceId, TraceLayer},
        Telemetry,
    },
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use ops_config::value::Ratio;
use proptest::prelude::*;
use serde_json::Value;
use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};
use tower::{Layer, ServiceExt};

type Parts = Pin<Box<dyn futures_util::Stream<Item = Result<Frame<Bytes>, &'static str>> + Send>>;

/// Answers as the path says.
async fn handle(call: Call<Plan, ()>) -> Result<Response<StreamBody<Parts>>, Fault<Infallible>> {
    let part = || Ok(Frame::data(Bytes::from_static(b"ten bytes.")));
    let stream = |parts: Vec<_>| -> Parts { Box::pin(futures_util::stream::iter(parts)) };
    let mut response = Response::new(StreamBody::new(stream(vec![part(), part()])));
    match call.path() {
        "/pending" => std::future::pending().await,
        "/slow" => tokio::time::sleep(Duration::from_millis(1500)).await,
        "/fault" => return Err(Fault::Refused(Refusal::Overloaded)),
        "/broken" => *response.body_mut() = StreamBody::new(stream(vec![part(), Err("broken")])),
        "/trailers" => {
            let trailers = Ok(Frame::trailers(http::HeaderMap::new()));
            *response.body_mut() = StreamBody::new(stream(vec![part(), trailers]));
        }
        "/whole" => drop(response.headers_mut().insert("content-length", 20.into())),
        "/refused" => {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response.extensions_mut().insert(Refusal::Overloaded);
        }
        "/dropped" => {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response.extensions_mut().insert(Refusal::Dropped);
            *response.body_mut() = StreamBody::new(stream(vec![Err("cut")]));
        }
        path => {
            let status = path.strip_prefix("/status/").and_then(|status| status.parse().ok()).unwrap_or(200);
            *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        }
    }
    Ok(response)
}

const ALL: &str = "access_rate = 1.0";

/// Sends requests one after another, reads so many parts of each answer, and says what was logged.
async fn lines_of(logging: &str, requests: Vec<(Request<()>, usize)>) -> Vec<LogEntry> {
    let output = Output::default();
    let telemetry = Telemetry::with_output(output.clone());
    let _subscriber = subscribe(telemetry.layer());
    let generation = publish(&telemetry, &format!("sampling_rate = 0.0\nlogging = {{ {logging} }}"), None);
    let stack = TraceLayer::new().layer(AccessLayer.layer(tower::service_fn(handle)));
    for (request, parts) in requests {
        let answer = stack.clone().oneshot(call(&generation, request));
        let Ok(Ok(response)) = tokio::time::timeout(Duration::from_secs(5), answer).await else { continue };
        let mut body = response.into_body();
        let mut left = parts;
        while left > 0 && body.frame().await.is_some_and(|part| part.is_ok()) {
            left -= 1;
        }
    }
    telemetry.shutdown(Duration::from_secs(10)).await;
    let text = output.take();
    text.lines().map(|line| line.parse().expect("a line")).collect()
}

fn get(path: &str) -> Request<()> {
    Request::get(path).body(()).expect("a request")
}

/// Everything is read.
const WHOLE: usize = usize::MAX;

/// Feature: production-excellence, Property 1: the access line has the trace id of its request, sampled or not.
#[tokio::test(start_paused = true)]
async fn a_line_says_what_was_asked_by_whom_and_how_it_ended() {
    let mut request = get("/items/7?token=hunter2");
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    request.headers_mut().insert("traceparent", traceparent.parse().expect("a header"));
    request.headers_mut().insert("user-agent", "curl/8".parse().expect("a header"));
    request.extensions_mut().insert(PeerAddr("192.0.2.7:4000".parse().expect("an address")));
    request.extensions_mut().insert(Route::new("/items/{id}"));
    let lines = lines_of(ALL, vec![(request, WHOLE)]).await;
    let [line] = &lines[..] else { panic!("one line: {lines:?}") };
    assert_eq!((line.event.as_deref(), line.target.as_str()), (Some("http.request"), "ops_layer::access"));
    assert_eq!(line.trace_id, TraceId::from_hex("0af7651916cd43dd8448eb211c80319c").ok());
    let fields = serde_json::to_string(&line.fields).expect("JSON");
    assert_eq!(
        fields,
        concat!(
            r#"{"http_request_method":"GET","url_path":"/items/7","http_route":"/items/{id}","#,
            r#""http_response_status_code":200,"duration_ms":0.0,"http_response_body_size":20,"#,
            r#""network_protocol_version":"1.1","client_address":"192.0.2.7","user_agent_original":"curl/8"}"#
        )
    );
}

#[tokio::test(start_paused = true)]
async fn every_end_of_a_request_is_told_for_what_it_is() {
    let head = Request::builder().method(Method::HEAD).uri("/head").body(()).expect("a request");
    let tunnel = Request::connect("shop.example:443").body(()).expect("a request");
    let odd = Request::builder().method("BREW").uri("/pot").body(()).expect("a request");
    let cases = [
        (get("/ok"), WHOLE, Some(200), None, 20),
        (get("/status/404"), WHOLE, Some(404), None, 20),
        (get("/status/500"), WHOLE, Some(500), Some("500"), 20),
        (get("/status/204"), 0, Some(204), None, 0),
        (get("/refused"), WHOLE, Some(503), Some("overloaded"), 20),
        (get("/dropped"), WHOLE, None, Some("chaos"), 0),
        (get("/broken"), WHOLE, Some(200), Some("body_error"), 10),
        (get("/ok"), 1, Some(200), Some("cancelled"), 10),
        (get("/whole"), 2, Some(200), None, 20),
        (get("/trailers"), 2, Some(200), None, 10),
        (get("/trailers"), 1, Some(200), Some("cancelled"), 10),
        (get("/pending"), 0, None, Some("cancelled"), 0),
        (get("/fault"), 0, None, Some("service_error"), 0),
        (head, 0, Some(200), None, 0),
        (tunnel, 0, Some(200), None, 0),
        (odd, WHOLE, Some(200), None, 20),
    ];
    let requests = cases.iter().map(|(request, parts, ..)| (request.clone(), *parts)).collect();
    let lines = lines_of(ALL, requests).await;
    assert_eq!(lines.len(), cases.len(), "one line each");
    for (line, (request, _, status, fault, size)) in lines.iter().zip(&cases) {
        let fields = &line.fields;
        let said =
            (fields.get("http_response_status_code"), fields.get("error_type"), &fields["http_response_body_size"]);
        let (status, fault) = (status.map(Value::from), fault.map(Value::from));
        assert_eq!(said, (status.as_ref(), fault.as_ref(), &Value::from(*size)), "{}", request.uri());
        assert_eq!(fields["url_path"], request.uri().path());
    }
    let odd = &lines[cases.len() - 1].fields;
    assert_eq!((&odd["http_request_method"], &odd["http_request_method_original"]), (&"_OTHER".into(), &"BREW".into()));
}

#[tokio::test(start_paused = true)]
async fn errors_slow_ones_and_a_share_of_the_rest_can_be_asked_for() {
    let rules = r#"access_rate = 0.01, access_rules = [
        { route = "/status/503", rate = 0.0 },
        { statuses = ["5xx", "429"], rate = 1.0 },
        { slower_than = "1s", rate = 1.0 },
        { route = "/status/**", statuses = ["2xx"], rate = 0.5 },
    ]"#;
    let rules = rules.replace('\n', " ").replace("}, ]", "} ]").replace(",     ]", "]");
    let mut requests = Vec::new();
    for path in [
        "/status/503",
        "/status/500",
        "/status/429",
        "/slow",
        "/pending",
        "/fault",
        "/status/404",
        "/status/201",
        "/ok",
    ] {
        requests.extend((0..100).map(|_| (get(path), WHOLE)));
    }
    let lines = lines_of(&rules, requests).await;
    let count = |path: &str| lines.iter().filter(|line| line.fields["url_path"] == path).count();
    let counts = ["/status/503", "/status/500", "/status/429", "/slow", "/pending", "/fault"].map(count);
    // Who gave up after five seconds had no answer, and waited longer than one.
    assert_eq!(counts, [0, 100, 100, 100, 100, 100], "a service that fails without an answer is a server error");
    assert_eq!(count("/status/201"), 50);
    assert_eq!(count("/status/404") + count("/ok"), 2, "one in a hundred of both together");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_logged_and_nothing_kept_unless_it_is_asked_for() {
    for logging in ["", "level = \"info,ops_layer::access=off\", access_rate = 1.0", "access_rules = [{ rate = 0.0 }]"]
    {
        assert_eq!(lines_of(logging, vec![(get("/status/500"), WHOLE)]).await, [], "{logging}");
    }
    assert!(rules_for(&config("").logging, None).is_none());
    assert!(rules_for(&config("logging = { access_rules = [{ rate = 0.0 }] }").logging, None).is_none());
}

#[test]
fn rules_that_did_not_change_deal_on_and_others_begin_anew() {
    let section =
        |rate: &str| config(&format!("logging = {{ access_rate = {rate}, access_rules = [{{ rate = 0.5 }}] }}"));
    let first = rules_for(&section("0.25").logging, None).expect("rules");
    let same = rules_for(&section("0.25").logging, Some(&first)).expect("rules");
    let other = rules_for(&section("0.5").logging, Some(&first)).expect("rules");
    assert!(Arc::ptr_eq(&first, &same) && !Arc::ptr_eq(&first, &other));
}

proptest! {
    /// Of any number of requests the share that is asked for gets a line, give or take one.
    #[test]
    fn a_share_is_dealt_and_not_tossed_for(ratio in 0.0f64..=1.0, count in 1u32..3000) {
        let share = Share::new(Ratio::try_from(ratio).expect("a ratio"));
        let taken = (0..count).filter(|_| share.takes()).count();
        let expected = f64::from(count) * ratio;
        prop_assert!((f64::from(u32::try_from(taken).expect("few")) - expected).abs() < 1.0, "{} of {}", taken, expected);
    }
}

#[test]
fn threads_that_deal_together_take_no_more_and_no_less() {
    let share = Share::new(Ratio::literal(0.1));
    let taken: usize = std::thread::scope(|scope| {
        let deal = || (0..10_000).filter(|_| share.takes()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(deal)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).sum()
    });
    assert!(taken == 4000, "{taken}");
}
