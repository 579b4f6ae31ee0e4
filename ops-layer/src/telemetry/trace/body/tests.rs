use crate::{
    call::Call,
    refusal::Fault,
    telemetry::{
        collector::{call, publish, Plan},
        trace::{current, TraceId, TraceLayer},
        Telemetry,
    },
};
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use std::{
    convert::Infallible,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};
use tower::{Layer, ServiceExt};

/// How a body ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// It has none.
    Empty,
    /// It has none, and says a length all the same, as an answer to HEAD may.
    Unsent,
    /// It says that the last part was the last.
    Known,
    /// It says that there is nothing more when it is asked for more.
    Asked,
    /// It breaks off.
    Broken,
    /// Nobody reads it.
    Unread,
}

/// One part, and a destructor that notes the trace it runs in.
struct Witness {
    end: End,
    sent: bool,
    seen: Arc<Mutex<Vec<Option<TraceId>>>>,
}

impl Body for Witness {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        let first = !std::mem::replace(&mut self.sent, true);
        let part = first.then(|| Ok(Frame::data(Bytes::from_static(b"part"))));
        Poll::Ready(part.or_else(|| matches!(self.end, End::Broken).then_some(Err("broken"))))
    }

    fn is_end_stream(&self) -> bool {
        matches!((self.end, self.sent), (End::Empty | End::Unsent, _) | (End::Known, true))
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Empty => SizeHint::with_exact(0),
            End::Unsent => SizeHint::with_exact(7),
            _ => SizeHint::new(),
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.seen.lock().expect("not poisoned").push(current().map(|context| context.trace_id()));
    }
}

/// Feature: production-excellence, Property 1: what a body drops at its end is of the trace of its request.
#[tokio::test]
async fn the_destructors_of_a_body_run_in_its_trace_however_it_ends() {
    let telemetry = Telemetry::with_output(io::sink());
    let trace = TraceId::from(0x1234_5678_9012_3456_7890_1234_5678_9012);
    for flags in ["00", "01"] {
        for end in [End::Empty, End::Unsent, End::Known, End::Asked, End::Broken, End::Unread] {
            let seen = Arc::<Mutex<Vec<_>>>::default();
            let noted = Arc::clone(&seen);
            let service = tower::service_fn(move |_: Call<Plan, ()>| {
                let body = Witness { end, sent: false, seen: Arc::clone(&noted) };
                std::future::ready(Result::<_, Fault<Infallible>>::Ok(Response::new(body)))
            });
            let request = Request::get("/").header("traceparent", format!("00-{trace}-1234567890123456-{flags}"));
            let generation = publish(&telemetry, "", None);
            let request = call(&generation, request.body(()).expect("a request"));
            let response = TraceLayer::new().layer(service).oneshot(request).await;
            let mut body = response.unwrap_or_else(|_| unreachable!("it answers")).into_body();
            let length = match end {
                End::Empty => Some(0),
                End::Unsent => Some(7),
                _ => None,
            };
            assert_eq!(body.size_hint().exact(), length);
            while !matches!(end, End::Unread) && body.frame().await.is_some_and(|part| part.is_ok()) {}
            let read = !matches!(end, End::Unread);
            assert_eq!(seen.lock().expect("not poisoned").len(), usize::from(read), "{end:?}: gone with its end");
            drop(body);
            assert_eq!(*seen.lock().expect("not poisoned"), [Some(trace)], "{end:?}");
        }
    }
    assert_eq!(current(), None);
}
