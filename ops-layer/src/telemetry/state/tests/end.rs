//! The end of a process in which something hangs, or which gives it all the time there is.

use super::*;

#[test]
fn the_end_does_not_wait_for_a_thread_that_is_not_free() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build();
    let runtime = runtime.expect("a runtime");
    let (release, hangs) = std::sync::mpsc::channel::<()>();
    let ended = runtime.block_on(async {
        tokio::task::spawn_blocking(move || hangs.recv());
        let telemetry = Telemetry::with_output(io::sink());
        tokio::time::timeout(Duration::from_secs(10), telemetry.shutdown(Duration::from_millis(100))).await
    });
    drop(release);
    assert!(ended.is_ok());
}

#[tokio::test]
async fn no_deadline_is_too_far_away() {
    let mut collector = crate::telemetry::collector::Collector::grpc().await;
    let telemetry = Telemetry::with_output(io::sink());
    let _subscriber = subscribe(telemetry.layer());
    let section = format!("sampling_rate = 1.0\notlp_endpoint = \"http://{}\"", collector.address);
    let generation = publish(&telemetry, &section, None);
    drop(stack().oneshot(call(&generation, request("/", None))).await);
    let ended = tokio::time::timeout(Duration::from_secs(20), telemetry.shutdown(Duration::MAX)).await;
    assert!(ended.is_ok());
    assert!(!collector.spans(1).await.is_empty());
}
