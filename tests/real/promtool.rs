//! Prometheus' own judge of metrics.

use ops_tests::{
    outside::run,
    service::{Service, QUIET},
};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// `db.client.connection.count` is OpenTelemetry's name for a gauge: its form for Prometheus ends
/// in what promtool keeps for histograms.
const KNOWN: [&str; 1] =
    [r#"db_client_connection_count non-histogram and non-summary metrics should not have "_count" suffix"#];

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
    let unknown: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty() && !KNOWN.contains(line)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    // 3 says that there were remarks; anything else but 0 that it could not be read.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}: {said}", output.status);
}

pub(crate) async fn the_alerts_are_read(promtool: PathBuf) {
    let alerts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/alerts.yml");
    let mut command = Command::new(promtool);
    let (output, said) = run(command.args(["check", "rules"]).arg(alerts));
    assert!(output.status.success(), "{said}");
}

/// Series as they would be scraped, and which alerts they make.
pub(crate) async fn the_alerts_fire(promtool: PathBuf) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("real/alerts.yml");
    let mut command = Command::new(promtool);
    let (output, said) = run(command.args(["test", "rules"]).arg(cases));
    assert!(output.status.success(), "{said}");
}
