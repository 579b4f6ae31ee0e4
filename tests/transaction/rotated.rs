//! A secret changes under load, and no request, query or span is lost.

use crate::{collector::Collector, file::File};
use http::{Method, StatusCode};
use ops_tests::{
    client::Client,
    footprint::Footprint,
    service::{Process, Service, SOON},
    wait,
};
use std::{
    fs,
    future::Future,
    path::Path,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};
use tokio::task::JoinHandle;

/// How many times each secret changes.
const ROTATIONS: usize = 12;

/// Puts a new content there as whoever rotates secrets does, each time in another way.
fn rotate(file: &Path, number: usize, content: &str) {
    match number % 4 {
        // A volume of Kubernetes: what is named is a link into a folder that is exchanged whole.
        0 => {
            let folder = file.with_file_name(format!("..{number}"));
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("secret"), content).expect("a file in it");
            let link = file.with_file_name("..link");
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(folder.join("secret"), &link).expect("a link");
            fs::rename(&link, file).expect("it takes the name");
        }
        1 => {
            let beside = file.with_file_name("beside");
            fs::write(&beside, content).expect("a file");
            fs::rename(&beside, file).expect("it takes the name");
        }
        // In place, with the line break that an editor leaves; what a link names is left alone.
        2 => {
            fs::remove_file(file).expect("it is there");
            fs::write(file, format!("{content}\n")).expect("a file");
        }
        _ => fs::write(file, content).expect("a file"),
    }
}

/// Does something again and again, until told to stop; and says how often.
#[derive(Default)]
struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    fn of<F: Future<Output = ()> + Send + 'static>(
        mut self,
        mut once: impl FnMut(usize) -> F + Send + 'static,
    ) -> Self {
        let (stop, done) = (Arc::clone(&self.stop), Arc::clone(&self.done));
        self.tasks.push(tokio::spawn(async move {
            while !stop.load(Relaxed) {
                once(done.fetch_add(1, Relaxed)).await;
            }
        }));
        self
    }

    /// Some more of it.
    async fn goes_on(&self) {
        let before = self.done.load(Relaxed);
        let more = || self.done.load(Relaxed) >= before + 10 || self.tasks.iter().any(JoinHandle::is_finished);
        wait::holds("more of the load", SOON, more).await;
    }

    async fn end(self) -> usize {
        self.stop.store(true, Relaxed);
        for task in self.tasks {
            task.await.expect("nothing was lost");
        }
        self.done.load(Relaxed)
    }
}

async fn authorized(client: &Client, service: &Service, token: &str) -> StatusCode {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    client.send(service.admin, Method::GET, "/config", &headers, "").await.expect("an answer").status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_the_two_tokens_is_taken_at_any_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    fs::write(&file, "token-0").expect("a file");
    let text = File::quiet().secret("admin.token", &file).to_string();
    let service = Service::of(Process::spawn(&text)).await;
    let client = Client::http1();
    for number in 1..=ROTATIONS {
        let (before, after) = (format!("token-{}", number - 1), format!("token-{number}"));
        assert_eq!(authorized(&client, &service, &before).await, 200);
        rotate(&file, number, &after);
        wait::until("the new token", SOON, || async {
            // Asked in this order, one of them must be right, whenever the change comes.
            if authorized(&client, &service, &before).await == 200 {
                return None;
            }
            assert_eq!(authorized(&client, &service, &after).await, 200, "the old one is not taken any more");
            Some(())
        })
        .await;
        for _ in 0..5 {
            assert_eq!(authorized(&client, &service, &before).await, 401, "and never again");
            assert_eq!(authorized(&client, &service, &after).await, 200);
        }
    }
    // Gone, unreadable or empty: the last one stays in force.
    let last = format!("token-{ROTATIONS}");
    for content in [None, Some(""), Some("\n"), Some("a\u{7}bell")] {
        let _ = fs::remove_file(&file);
        if let Some(content) = content {
            fs::write(&file, content).expect("a file");
        }
        let bearer = format!("Bearer {last}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let outcome = client.send(service.admin, Method::POST, "/config/reload", &headers, "").await;
        assert_eq!(outcome.expect("an answer").json()["outcome"], "rejected");
        assert_eq!(authorized(&client, &service, &last).await, 200);
    }
    rotate(&file, 3, "token-back");
    wait::until("the file again", SOON, || async {
        (authorized(&client, &service, "token-back").await == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_span_is_sent_once_while_the_header_rotates() {
    for protocol in ["grpc", "http/protobuf"] {
        let (folder, collector) = (tempfile::tempdir().expect("a folder"), Collector::start().await);
        let file = folder.path().join("header");
        fs::write(&file, "Bearer 0").expect("a file");
        let text = File::quiet()
            .text("observability.otlp_endpoint", &format!("http://{}", collector.address))
            .text("observability.otlp_protocol", protocol)
            .with("observability.sampling_rate", "1.0")
            .secret("observability.otlp_headers.authorization", &file)
            .to_string();
        let service = Service::of(Process::spawn(&text)).await;
        let (client, server) = (Client::http1(), service.server);
        let load = Load::default().of(move |number| {
            let client = client.clone();
            async move {
                let parent = format!("00-{:032x}-{:016x}-01", number + 1, number + 1);
                let headers = [("traceparent", parent.as_str())];
                let answer = client.send(server, Method::GET, "/ok", &headers, "").await.expect("an answer");
                assert!(answer.status.is_success());
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        for number in 1..=ROTATIONS / 3 {
            load.goes_on().await;
            let value = format!("Bearer {number}");
            rotate(&file, number, &value);
            let came = || collector.batches().iter().any(|batch| batch.authorization == value);
            wait::holds("the new header", SOON, came).await;
        }
        let requests = load.end().await;
        let all = || collector.batches().iter().map(|batch| batch.traces.len()).sum::<usize>() >= requests;
        wait::holds("the last spans", SOON, all).await;
        let batches = collector.batches();
        let headers: Vec<_> = batches.iter().map(|batch| batch.authorization.as_str()).collect();
        assert!(headers.is_sorted(), "{protocol}: none comes back: {headers:?}");
        let mut traces: Vec<_> = batches.iter().flat_map(|batch| &batch.traces).copied().collect();
        traces.sort_unstable();
        assert_eq!(traces, (1..=requests as u128).collect::<Vec<_>>(), "{protocol}: each span once");
        println!("{protocol}: {requests} spans in {} batches", batches.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_query_fails_while_the_address_of_the_database_rotates() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("url");
    let data = [0, 1].map(|which| folder.path().join(format!("{which}.db")));
    let url = |number: usize| format!("sqlite://{}?mode=rwc", data[number % 2].display());
    fs::write(&file, url(0)).expect("a file");
    let text = File::quiet()
        .secret("pools.main.url", &file)
        .with("pools.main.min_connections", "2")
        .with("pools.main.max_connections", "4")
        .to_string();
    let service = Service::of(Process::spawn(&text)).await;
    let (client, server) = (Client::http1(), service.server);
    let query = move |_| {
        let client = client.clone();
        async move {
            let answer = client.get(server, "/db?ms=3").await.expect("an answer");
            assert!(answer.status.is_success(), "{} {}", answer.status, answer.text());
        }
    };
    // More callers than connections, so that some always wait for one.
    let load = (0..6).fold(Load::default(), |load, _| load.of(query.clone()));
    for number in 1..=ROTATIONS {
        load.goes_on().await;
        rotate(&file, number, &url(number));
        let (old, new) = (&data[(number - 1) % 2], &data[number % 2]);
        wait::holds("only the new one", SOON, || {
            let open = Footprint::of(&service.process).expect("the kernel says").descriptors;
            let count = |file: &Path| open.get(&file.display().to_string()).copied().unwrap_or_default();
            let (old, new) = (count(old), count(new));
            assert!(old + new <= 4, "never more than the pool may have: {old} and {new}");
            old == 0 && new > 0
        })
        .await;
    }
    let queries = load.end().await;
    assert!(service.scrape().await.sum("db_client_connection_timeouts_total", &[]) < 1.0);
    println!("{queries} queries over {ROTATIONS} rotations");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_rotates_touches_nothing_of_another_section() {
    let (folder, collector) = (tempfile::tempdir().expect("a folder"), Collector::start().await);
    let [token, header, url] = ["token", "header", "url"].map(|name| folder.path().join(name));
    for (file, content) in [(&token, "token"), (&header, "Bearer 0"), (&url, "sqlite::memory:")] {
        fs::write(file, content).expect("a file");
    }
    let text = File::quiet()
        .text("observability.otlp_endpoint", &format!("http://{}", collector.address))
        .with("observability.sampling_rate", "1.0")
        .secret("observability.otlp_headers.authorization", &header)
        .secret("pools.main.url", &url)
        .secret("admin.token", &token)
        .to_string();
    let service = Service::of(Process::spawn(&text)).await;
    let json = [("content-type", "application/json")];
    let item = service.client().send(service.server, Method::POST, "/items", &json, r#"{"name":"kept"}"#).await;
    assert_eq!(item.expect("an answer").status, 201);
    wait::holds("the first spans", SOON, || !collector.batches().is_empty()).await;
    let client = Client::http1();
    for number in 1..=ROTATIONS {
        rotate(&token, number, &format!("token-{number}"));
        wait::until("the new token", SOON, || async {
            (authorized(&client, &service, &format!("token-{number}")).await == 200).then_some(())
        })
        .await;
        assert_eq!(service.get("/items/1").await.expect("an answer").status, 200, "the data are in the pool's memory");
    }
    assert_eq!(collector.connections(), 1, "the exporter is the same");
    rotate(&header, 1, "Bearer 1");
    let came = || collector.batches().iter().any(|batch| batch.authorization == "Bearer 1");
    let asked = async {
        wait::until("the new header", SOON, || async {
            assert_eq!(service.get("/items/1").await.expect("an answer").status, 200);
            came().then_some(())
        })
        .await;
    };
    asked.await;
}
