//! The whole end: what finishes, what is cut, how long it takes.

use super::{super::GracefulShutdown, *};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt;

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    is_h2: bool,
    after_ms: u64,
    takes_ms: u64,
    chunks: u64,
}

fn sent() -> impl Strategy<Value = Sent> {
    (any::<bool>(), 0..500_u64, 0..4_000_u64, 0..30_u64).prop_map(|(is_h2, after_ms, takes_ms, chunks)| Sent {
        is_h2,
        after_ms,
        takes_ms,
        chunks,
    })
}

/// What holds a connection and will never end by itself.
#[derive(Clone, Copy, Debug)]
enum Stuck {
    HalfAHead,
    OneByte,
    Nothing,
    Handler(bool),
    SilentH2,
    SlowReader,
    Upgraded,
}

fn stuck() -> impl Strategy<Value = Stuck> {
    prop_oneof![
        Just(Stuck::HalfAHead),
        Just(Stuck::OneByte),
        Just(Stuck::Nothing),
        any::<bool>().prop_map(Stuck::Handler),
        Just(Stuck::SilentH2),
        Just(Stuck::SlowReader),
        Just(Stuck::Upgraded),
    ]
}

/// Holds a connection; what comes back keeps it held.
async fn hold(connections: &Connections, stuck: Stuck) -> Box<dyn std::any::Any> {
    if matches!(stuck, Stuck::Upgraded) {
        return Box::new(super::upgrade::upgraded(connections).await);
    }
    let mut io = connect_over(connections, if matches!(stuck, Stuck::SlowReader) { 256 } else { 64 * 1024 });
    match stuck {
        Stuck::HalfAHead => io.write_all(b"GET /0 HTTP/1.1\r\nhost: te").await.expect("written"),
        Stuck::OneByte => io.write_all(b"P").await.expect("written"),
        Stuck::Nothing | Stuck::Upgraded => {}
        Stuck::Handler(is_h2) => {
            let (mut client, task) = Client::speak(io, is_h2).await;
            let answer = tokio::spawn(client.get("/stuck"));
            return Box::new((client, task, answer));
        }
        Stuck::SilentH2 => {
            let hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
            io.write_all(hello).await.expect("written");
        }
        // More than the pipe holds, and nobody reads.
        Stuck::SlowReader => io.write_all(b"GET /0/1000000 HTTP/1.1\r\nhost: test\r\n\r\n").await.expect("written"),
    }
    Box::new(io)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Feature: production-excellence, Property 3: every request under way whose time is below the timeout ends
    /// well, also one that streams, whatever the protocol and the moment of the signal.
    #[test]
    fn what_can_finish_in_time_does(all in prop::collection::vec(sent(), 1..12), at_ms in 1..600_u64) {
        let outcomes = paused().block_on(async {
            let shutdown = GracefulShutdown::new();
            let mut answers = Vec::new();
            for one in all.iter().filter(|one| one.after_ms < at_ms).copied() {
                let io = connect(shutdown.traffic());
                answers.push(tokio::spawn(async move {
                    sleep(Duration::from_millis(one.after_ms)).await;
                    let (mut client, _task) = Client::speak(io, one.is_h2).await;
                    let answer = client.get(&format!("/{}/{}", one.takes_ms, one.chunks)).await;
                    (one, answer.map_err(|error| error.to_string()))
                }));
            }
            sleep(Duration::from_millis(at_ms)).await;
            let report = shutdown.shutdown(&config("10s", "0s"), &mut Recorder::default(), pending()).await;
            let mut outcomes = Vec::new();
            for answer in answers {
                outcomes.push(answer.await.expect("no panic"));
            }
            (report, outcomes)
        });
        let (report, outcomes) = outcomes;
        prop_assert_eq!((report.aborted, report.forced), (0, false));
        for (one, answer) in outcomes {
            let body = if one.chunks == 0 { "done".to_owned() } else { ".".repeat(usize::try_from(one.chunks).expect("small")) };
            let ended = answer.map(|(status, body, _)| (status, body));
            prop_assert_eq!(ended, Ok((200, body)), "{:?}", one);
        }
    }

    /// Feature: production-excellence, Property 4: whatever holds connections, pools and exporters, it is over
    /// well within a second of the timeout, and what was cut is counted.
    #[test]
    fn it_is_over_within_a_second_of_the_timeout(
        all in prop::collection::vec(stuck(), 0..10),
        timeout_ms in 100..20_000_u64,
        are_stuck in any::<bool>(),
    ) {
        let (report, waited, cut) = paused().block_on(async {
            let shutdown = GracefulShutdown::new();
            let mut held = Vec::new();
            for one in &all {
                held.push(hold(shutdown.traffic(), *one).await);
            }
            held.push(hold(shutdown.side(), Stuck::HalfAHead).await);
            sleep(Duration::from_millis(10)).await;
            let cut = shutdown.traffic().in_flight();
            let begin = Instant::now();
            let mut hooks = Recorder { are_stuck, ..Recorder::default() };
            let config = config(&format!("{timeout_ms}ms"), "0s");
            let report = must_end("the shutdown", shutdown.shutdown(&config, &mut hooks, pending())).await;
            let waited = begin.elapsed();
            // What was cut is really gone, and does not only count as gone.
            for connections in [shutdown.traffic(), shutdown.side()] {
                must_end("a connection that was cut", connections.finished()).await;
            }
            (report, waited, cut)
        });
        prop_assert!(waited < Duration::from_millis(timeout_ms + 500), "{:?}", waited);
        let expected = all.iter().filter(|one| matches!(one, Stuck::Handler(_) | Stuck::SlowReader | Stuck::Upgraded)).count();
        prop_assert_eq!(cut, expected as u64);
        prop_assert_eq!((report.aborted, report.finished), (cut, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_service_is_gone_in_a_moment() {
    let shutdown = GracefulShutdown::new();
    let (mut one, h1) = Client::speak(connect(shutdown.traffic()), false).await;
    let (mut two, h2) = Client::speak(connect(shutdown.traffic()), true).await;
    for client in [&mut one, &mut two] {
        assert_eq!(client.get("/0").await.expect("served").0, 200);
    }
    let report = shutdown.shutdown(&config("30s", "0s"), &mut Recorder::default(), pending()).await;
    assert!(report.took < Duration::from_millis(300), "{report:?}");
    h1.await.expect("closed");
    h2.await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn the_steps_come_in_their_order() {
    let shutdown = GracefulShutdown::new();
    let (mut client, _task) = Client::speak(connect(shutdown.traffic()), false).await;
    let answer = tokio::spawn(client.get("/2000"));
    let mut hooks = Recorder::default();
    let config = config("30s", "1s");
    let running = shutdown.shutdown(&config, &mut hooks, pending());
    let side = shutdown.side().clone();
    let probe = async {
        sleep(Duration::from_millis(1500)).await;
        let (mut probe, _task) = Client::speak(connect(&side), false).await;
        probe.get("/0").await
    };
    let (report, probed) = tokio::join!(running, probe);
    assert_eq!(probed.expect("the side is served to the end").0, 200);
    assert_eq!(answer.await.expect("no panic").expect("served"), (200, "done".to_owned(), true));
    let steps: Vec<_> = hooks.steps.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, ["readiness", "pools", "telemetry"]);
    assert_eq!((report.finished, report.aborted), (1, 0));
    assert!((2000..2100).contains(&report.took.as_millis()), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn requests_are_taken_through_the_drain_delay() {
    let shutdown = GracefulShutdown::new();
    let (mut client, task) = Client::speak(connect(shutdown.traffic()), false).await;
    let traffic = shutdown.traffic().clone();
    let asking = async {
        for _ in 0..4 {
            assert!(!client.get("/100").await.expect("served").2, "the connection is kept");
        }
        let (mut fresh, _task) = Client::speak(connect(&traffic), true).await;
        fresh.get("/0").await.expect("served");
    };
    let mut hooks = Recorder::default();
    let config = config("10s", "500ms");
    let (report, ()) = tokio::join!(shutdown.shutdown(&config, &mut hooks, pending()), asking);
    assert_eq!(report.finished, 5);
    assert!(report.took >= Duration::from_millis(500));
    task.await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_ends_the_waiting() {
    for drain_delay in ["0s", "5s"] {
        let shutdown = GracefulShutdown::new();
        let held = hold(shutdown.traffic(), Stuck::Handler(true)).await;
        sleep(Duration::from_millis(1)).await;
        let force = sleep(Duration::from_secs(1));
        let report = shutdown.shutdown(&config("30s", drain_delay), &mut Recorder::default(), force).await;
        assert_eq!((report.forced, report.aborted), (true, 1));
        assert!(report.took < Duration::from_secs(2), "{report:?}");
        drop(held);
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_ends_every_step() {
    // While a request is waited for; while the pools close; while the telemetry is sent out.
    for (is_busy, at) in [(true, 1), (false, 1), (false, 16)] {
        let shutdown = GracefulShutdown::new();
        let held = if is_busy { Some(hold(shutdown.traffic(), Stuck::Handler(true)).await) } else { None };
        sleep(Duration::from_millis(1)).await;
        let mut hooks = Recorder { are_stuck: true, ..Recorder::default() };
        let force = sleep(Duration::from_secs(at));
        let report = shutdown.shutdown(&config("30s", "0s"), &mut hooks, force).await;
        assert!(report.forced, "{report:?}");
        assert!(report.took < Duration::from_millis(at * 1000 + 500), "{report:?}");
        assert_eq!(hooks.steps.len(), 3, "none is left out");
        drop(held);
    }
}

#[tokio::test(start_paused = true)]
async fn pools_get_half_of_what_is_left_and_telemetry_the_rest() {
    let shutdown = GracefulShutdown::new();
    let mut hooks = Recorder { are_stuck: true, ..Recorder::default() };
    let config = config("10s", "0s");
    let report = must_end("the shutdown", shutdown.shutdown(&config, &mut hooks, pending())).await;
    let steps: Vec<_> = hooks.steps.iter().map(|(step, at)| (*step, at.as_secs())).collect();
    assert_eq!(steps, [("readiness", 0), ("pools", 0), ("telemetry", 5)]);
    assert_eq!(report.took.as_secs(), 10);
}
