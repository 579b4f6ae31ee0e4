//! What tracing allocates for a request. A number that grows is a cost that every user pays; it is raised
//! here only with its reason.

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use ops_config::{
    check,
    live::Generation,
    source::{Sources, Texts},
};
use ops_layer::{
    call::{Call, PeerAddr},
    clock::Moment,
    refusal::Fault,
    telemetry::{
        metric::Route,
        trace::{TraceFilter, TraceLayer},
        Telemetry, TelemetryPlan,
    },
};
use std::{
    convert::Infallible,
    future::{ready, Future},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::SystemTime,
};
use tower::{Layer, Service};

struct Plan(TelemetryPlan);

impl AsRef<TelemetryPlan> for Plan {
    fn as_ref(&self) -> &TelemetryPlan {
        &self.0
    }
}

fn generation(telemetry: &Telemetry, rate: &str) -> Arc<Generation<Plan>> {
    let text = format!("version = 1\n[observability]\nsampling_rate = {rate}\n");
    let texts = Texts::from_bytes("ops.toml", text.into_bytes()).expect("a file");
    let checked = Arc::new(check::check(&Sources::from_file("ops.toml"), &texts).expect("a configuration"));
    let (plan, staged) = telemetry.prepare(&checked.config().observability, None).expect("it can be built");
    telemetry.commit(staged);
    Arc::new(Generation { seq: 1, loaded_at: SystemTime::UNIX_EPOCH, checked, plan: Plan(plan) })
}

/// A request as a browser sends it, with what the listener knows of it.
fn request(pinned: &Arc<Generation<Plan>>, traceparent: Option<&'static str>) -> Call<Plan, ()> {
    let mut request = Request::get("/items/7?page=2")
        .header("host", "shop.example")
        .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64)")
        .extension(Route::new("/items/{id}"))
        .extension(PeerAddr("192.0.2.7:4000".parse().expect("an address")))
        .body(())
        .expect("a request");
    if let Some(value) = traceparent {
        request.headers_mut().insert("traceparent", HeaderValue::from_static(value));
    }
    Call { request, pinned: Arc::clone(pinned), started: Moment::now() }
}

/// What one request allocates, to the end of its span, in the steady state.
fn allocations(pinned: &Arc<Generation<Plan>>, traceparent: Option<&'static str>) -> u64 {
    let answer = |_: Call<Plan, ()>| ready(Ok::<_, Fault<Infallible>>(Response::new(Full::<Bytes>::default())));
    let mut service = TraceLayer::new().layer(tower::service_fn(answer));
    let mut send = |call| {
        let mut future = pin!(service.call(call));
        assert!(matches!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_))));
    };
    // Until the recent traces are as many as there can be, and every table has its size.
    for _ in 0..1000 {
        send(request(pinned, traceparent));
    }
    let calls: Vec<_> = (0..100).map(|_| request(pinned, traceparent)).collect();
    let counted = allocation_counter::measure(|| calls.into_iter().for_each(send));
    counted.count_total.div_ceil(100)
}

#[test]
fn a_request_that_is_not_recorded_allocates_nothing() {
    let telemetry = Telemetry::with_output(std::io::sink());
    let never = generation(&telemetry, "0.0");
    assert_eq!(allocations(&never, None), 0);
    assert_eq!(allocations(&never, Some("00-12345678901234567890123456789012-1234567890123456-00")), 0);
    assert!(telemetry.recent_traces().list(&TraceFilter::default()).is_empty());
}

#[test]
fn a_request_that_is_recorded_allocates_a_known_number_of_times() {
    let telemetry = Telemetry::with_output(std::io::sink());
    let always = generation(&telemetry, "1.0");
    // Six texts of the request, its name, and the list of all that; the rest is the SDK's span and context,
    // and the trace it is kept in.
    let begun_here = allocations(&always, None);
    let of_a_caller = allocations(&always, Some("00-12345678901234567890123456789012-1234567890123456-01"));
    assert!(begun_here <= 14 && of_a_caller <= 13, "{begun_here} and {of_a_caller}");
}
