//! The real program, scraped by the real Prometheus, and asked back.

use crate::{
    expression::names,
    prometheus::{Prometheus, PATIENCE},
};
use http::Method;
use ops_tests::{
    client::Client,
    scrape::Scrape,
    service::{Service, QUIET},
    wait::until,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Everything that makes a metric of its own.
pub(crate) const BUSY: &str = r#"
sampling_rate = 1.0
[pools.main]
url = "sqlite::memory:"
[breakers.upstream]
routes = ["/fail"]
[probes.checks.main]
kind = "pool"
pool = "main"
"#;

/// What Prometheus adds to each series, and the metric it makes of each target.
const FOREIGN_LABELS: [&str; 2] = ["job", "instance"];
const FOREIGN_METRIC: &str = "up";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate has a parent folder").join("config").join(name)
}

/// A target that asks the real one without `Accept`: Prometheus always asks for `OpenMetrics`, and the
/// older form is what it would get from us otherwise.
async fn in_the_older_form(metrics: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let client = Client::http1();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let Ok(answer) = client.get(metrics, "/metrics").await else { continue };
            let head = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {}\r\n\r\n",
                answer.header("content-type")
            );
            let _ = stream.write_all(&[head.as_bytes(), &answer.body].concat()).await;
        }
    });
    address
}

/// Sends requests of one trace.
async fn send(service: &Service, path: &str, count: usize, trace_id: &str) {
    let traceparent = format!("00-{trace_id}-b7ad6b7169203331-01");
    for _ in 0..count {
        let headers = [("traceparent", traceparent.as_str())];
        service.client().send(service.server, Method::GET, path, &headers, "").await.expect("an answer");
    }
}

pub(crate) async fn what_was_sent_is_asked_back(program: PathBuf) {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let service = Service::start(&format!("{QUIET}{BUSY}")).await;
    let targets = [("ops", service.metrics), ("older", in_the_older_form(service.metrics).await)];
    send(&service, "/ok", 37, TRACE).await;
    let prometheus = Prometheus::start(&program, &targets, &sample("alerts.yml")).await;
    for (job, _) in targets {
        prometheus.value_once(&format!("up{{job=\"{job}\"}}"), |up| up > 0.5).await;
        let count = prometheus.value_once(&ok(job, "count"), |_| true).await;
        assert_eq!(count.to_string(), "37", "{job}");
    }
    send(&service, "/ok", 5, TRACE).await;
    send(&service, "/fail", 3, TRACE).await;
    for (job, _) in targets {
        let count = prometheus.value_once(&ok(job, "count"), |count| count > 41.5).await;
        assert_eq!(count.to_string(), "42", "{job}");
        prometheus.value_once(&format!("rate({}[1m])", ok(job, "count")), |rate| rate > 0.0).await;
        let quantile = format!("histogram_quantile(0.9, sum by (le) (rate({}[1m])))", ok(job, "bucket"));
        let found = prometheus.value_once(&quantile, |found| found > 0.0).await;
        assert!(found <= 10.0, "{found}");
    }
    let exemplars = prometheus.exemplars("http_server_request_duration_seconds_bucket").await;
    assert!(!exemplars.is_empty() && exemplars.iter().all(|id| id == TRACE), "{exemplars:?}");
    let healthy = until("every scrape to be without fault", PATIENCE, || async {
        let scraped = prometheus.api("targets", &[("state", "active")]).await?;
        let targets = scraped["activeTargets"].as_array()?;
        // A machine that is busy may be late with one; a page that cannot be read stays so.
        targets.iter().all(|target| target["health"] == "up" && target["lastError"] == "").then_some(targets.len())
    });
    assert_eq!(healthy.await, targets.len());
}

fn ok(job: &str, ending: &str) -> String {
    format!("http_server_request_duration_seconds_{ending}{{job=\"{job}\",http_route=\"/ok\"}}")
}

pub(crate) async fn the_samples_ask_for_what_exists(program: PathBuf) {
    let service = Service::start(&format!("{QUIET}{BUSY}")).await;
    let prometheus = Prometheus::start(&program, &[("ops", service.metrics)], &sample("alerts.yml")).await;
    for path in ["/ok", "/fail", "/db", "/items/1"] {
        service.get(path).await.expect("an answer");
    }
    let scrape = service.scrape().await;
    // Prometheus says each alert as it has read it, once it has evaluated it.
    let rules = until("every alert to be evaluated", PATIENCE, || async {
        let groups = prometheus.api("rules", &[]).await?;
        let groups = groups["groups"].as_array()?.iter().filter_map(|group| group["rules"].as_array());
        let rules: Vec<Value> = groups.flatten().cloned().collect();
        rules.iter().all(|rule| rule["health"] != "unknown").then_some(rules)
    });
    let rules = rules.await;
    assert!(rules.len() > 10, "{rules:?}");
    for rule in &rules {
        assert_eq!(rule["health"], "ok", "{rule}");
        assert_names_exist(rule["query"].as_str().expect("a text"), &scrape);
    }
    let text = std::fs::read_to_string(sample("dashboard.json")).expect("the dashboard");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    let mut expressions = Vec::new();
    collect(&dashboard, &mut expressions);
    assert!(expressions.len() > 30, "{expressions:?}");
    for expression in expressions {
        assert_names_exist(&expression, &scrape);
        let chosen = expression.replace("$job", "ops").replace("$instance", ".+");
        let asked = chosen.replace("$__rate_interval", "1m").replace("$__interval", "1m");
        // Until there are two scrapes, a rate has nothing to say.
        let shown = || async { prometheus.query(&asked).await.filter(|series| !series.is_empty()) };
        // Only where the configuration has changed is there a change to be marked.
        if !asked.starts_with("changes(") {
            until(&asked, PATIENCE, shown).await;
        }
    }
}

/// Every expression of a dashboard.
fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("expr").and_then(Value::as_str).map(str::to_owned));
            let variable =
                members.get("query").and_then(Value::as_str).and_then(|query| query.strip_prefix("label_values("));
            found.extend(variable.and_then(|query| Some(query.rsplit_once(',')?.0.to_owned())));
            members.values().for_each(|member| collect(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn assert_names_exist(expression: &str, scrape: &Scrape) {
    let names = names(expression);
    assert!(!names.metrics.is_empty(), "{expression}");
    let mut labels: BTreeSet<&str> = FOREIGN_LABELS.into();
    for (metric, asked) in names.metrics.iter().filter(|(metric, _)| metric != FOREIGN_METRIC) {
        assert!(scrape.value(metric, &[]).is_some(), "no {metric}: {expression}");
        labels.extend(scrape.labels(metric));
        for (label, value) in asked.iter().filter(|(label, _)| !FOREIGN_LABELS.contains(&label.as_str())) {
            assert!(scrape.labels(metric).contains(label.as_str()), "no {label} of {metric}: {expression}");
            let value = value.iter().map(|value| (label.as_str(), value.as_str())).collect::<Vec<_>>();
            assert!(scrape.value(metric, &value).is_some(), "no {value:?} of {metric}: {expression}");
        }
    }
    for label in &names.grouping {
        assert!(labels.contains(label.as_str()), "no {label}: {expression}");
    }
}
