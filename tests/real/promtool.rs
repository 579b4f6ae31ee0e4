//! Prometheus' own judge of metrics.

use ops_tests::service::{Service, QUIET};
use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

const BUSY: &str = r#"
[pools.main]
url = "sqlite::memory:"
[breakers.upstream]
routes = ["/fail"]
[probes.checks.main]
kind = "pool"
pool = "main"
[chaos]
enabled = true
[chaos.network]
latency = "1ms"
"#;

pub(crate) async fn the_metrics_are_clean(promtool: PathBuf) {
    let service = Service::start(&format!("{QUIET}{BUSY}")).await;
    for path in ["/ok", "/fail", "/db", "/no/such/route", "/items/1"] {
        service.get(path).await.expect("an answer");
    }
    let text = service.client().get(service.metrics, "/metrics").await.expect("an answer").text();
    let mut command = Command::new(promtool);
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("promtool starts");
    child.stdin.take().expect("its input is ours").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}
