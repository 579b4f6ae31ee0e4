//! Prometheus itself, on a free port, with a folder of its own.

use ops_tests::{
    client::Client,
    service::Process,
    wait::{self, until},
};
use serde_json::Value;
use std::{
    net::SocketAddr,
    path::Path,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

/// How long it may take to start, to scrape and to see a change, on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A running Prometheus; it ends when this is dropped.
pub(crate) struct Prometheus {
    address: SocketAddr,
    client: Client,
    _process: Process,
}

impl Prometheus {
    /// Starts it: each target is a job of this name, scraped once a second.
    pub(crate) async fn start(program: &Path, targets: &[(&str, SocketAddr)], rules: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let jobs = targets
            .iter()
            .map(|(job, target)| format!("  - job_name: {job}\n    static_configs: [{{ targets: [\"{target}\"] }}]\n"));
        let text = format!(
            "global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}\n\
             rule_files: [\"{}\"]\nscrape_configs:\n{}",
            rules.display(),
            jobs.collect::<String>(),
        );
        std::fs::write(folder.path().join("prometheus.yml"), text).expect("a file in it");
        Self::of(program, folder).await
    }

    async fn of(program: &Path, folder: TempDir) -> Self {
        let mut command = Command::new(program);
        command
            .args(["--config.file=prometheus.yml", "--web.listen-address=127.0.0.1:0"])
            .args(["--storage.tsdb.path=data", "--enable-feature=exemplar-storage"]);
        let process = Process::begin(folder, command);
        let address = until("Prometheus' address", PATIENCE, || {
            let said = process.said();
            let is_ready = said.iter().any(|line| line.contains("ready to receive web requests"));
            let line = said.iter().find(|line| line.contains("\"Listening on\"")).filter(|_| is_ready);
            let address = line.and_then(|line| line.rsplit_once("address=")?.1.trim().parse().ok());
            std::future::ready(address)
        })
        .await;
        Self { address, client: Client::http1(), _process: process }
    }

    /// The data of an answer of its API; none where it is an error.
    pub(crate) async fn api(&self, path: &str, parameters: &[(&str, &str)]) -> Option<Value> {
        let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let answer = self.client.get(self.address, &format!("/api/v1/{path}?{}", query.join("&"))).await.ok()?;
        let answer = answer.json();
        (answer["status"] == "success").then(|| answer["data"].clone())
    }

    /// What an expression gives now: each series with its value.
    pub(crate) async fn query(&self, expression: &str) -> Option<Vec<(Value, f64)>> {
        let data = self.api("query", &[("query", expression)]).await?;
        let series = data["result"].as_array()?.iter();
        series.map(|one| Some((one["metric"].clone(), one["value"][1].as_str()?.parse().ok()?))).collect()
    }

    /// The value of an expression that has one, once it is as looked for.
    pub(crate) async fn value_once(&self, expression: &str, look: impl Fn(f64) -> bool) -> f64 {
        wait::until(expression, PATIENCE, || async {
            let found = self.query(expression).await?;
            let [(_, value)] = found.as_slice() else { return None };
            Some(*value).filter(|value| look(*value))
        })
        .await
    }

    /// The trace ids of the exemplars that an expression leads to.
    pub(crate) async fn exemplars(&self, expression: &str) -> Vec<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (start, end) = ((now - 3_600).to_string(), (now + 3_600).to_string());
        let parameters = [("query", expression), ("start", &start), ("end", &end)];
        let series = self.api("query_exemplars", &parameters).await.unwrap_or_default();
        let exemplars = series.as_array().into_iter().flatten().filter_map(|series| series["exemplars"].as_array());
        let ids = exemplars.flatten().filter_map(|exemplar| exemplar["labels"]["trace_id"].as_str());
        ids.map(str::to_owned).collect()
    }
}

/// As it may stand in the query of an address.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}
