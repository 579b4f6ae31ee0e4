//! Property 25: a secret is in nothing the process says, wherever it comes from.

use crate::{
    collector::Collector,
    file::File,
    plant::{self, Garden, Source},
    secret::Outputs,
};
use http::Method;
use ops_tests::{
    client::Client,
    program,
    service::{Process, Service, SOON},
};
use rustix::process::Signal;
use std::{fs, net::SocketAddr, path::Path};

/// What no secret is, and is said again and again: the search must find it.
const SAID: &str = "canary-that-sings";

/// The routes of the two listeners, read in the sources, so that none is forgotten.
fn routes() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate has a parent folder");
    let mut routes = Vec::new();
    let mut folders = vec![folder.join("ops-layer/src/admin")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source");
            let found = text.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned));
            routes.extend(
                found.map(|route| route.replace("{name}", "main").replace("{id}", "0af7651916cd43dd8448eb211c80319c")),
            );
        }
    }
    assert!(routes.iter().any(|route| route == "/config") && routes.iter().any(|route| route == "/metrics"));
    routes
}

/// Asks one listener for all it has, in every way.
async fn ask(outputs: &mut Outputs, name: &str, to: SocketAddr, token: &str) {
    let (client, bearer) = (Client::http1(), format!("Bearer {token}"));
    let json = ("content-type", "application/json");
    let mut routes = routes();
    routes.extend(
        ["/", "/ok", "/fail", "/db", "/items/1", "/no/such/route", "/call?url=http://127.0.0.1:1/"].map(str::to_owned),
    );
    for route in routes {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            for headers in
                [&[json, ("authorization", bearer.as_str())][..], &[json, ("authorization", "Bearer wrong")], &[]]
            {
                let Ok(answer) = client.send(to, method.clone(), &route, headers, "{}").await else { continue };
                let name = format!("{method} {route} of {name}: {}", answer.status);
                outputs.add(name, format!("{:?}\n{}", answer.headers, answer.text()));
            }
        }
    }
}

/// Asks for every trace that is kept, with all its spans.
async fn ask_traces(outputs: &mut Outputs, admin: SocketAddr, token: &str) {
    let (client, bearer) = (Client::http1(), format!("Bearer {token}"));
    let get = async |path: String| {
        let headers = [("authorization", bearer.as_str())];
        client.send(admin, Method::GET, &path, &headers, "").await.expect("an answer")
    };
    let listed = get("/traces?limit=256".to_owned()).await.json();
    let listed = listed["traces"].as_array().expect("traces").clone();
    assert!(!listed.is_empty(), "every request is recorded");
    for trace in listed {
        let path = format!("/traces/{}", trace["trace_id"].as_str().expect("an id"));
        outputs.add(path.clone(), get(path).await.text());
    }
}

/// Saves each broken text, and hears what is said of it.
async fn save_broken(outputs: &mut Outputs, service: &Service, token: &str, broken: &[(String, String)]) {
    let (client, bearer) = (Client::http1(), format!("Bearer {token}"));
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    for (name, text) in broken {
        service.save_by_rename(text);
        for (method, route) in [(Method::POST, "/config/reload"), (Method::GET, "/config")] {
            let answer = client.send(service.admin, method, route, &headers, "").await.expect("an answer");
            outputs.add(format!("{route} after {name}"), answer.text());
        }
    }
}

/// Runs a command of the program as the service is run, and hears what it says.
fn run(outputs: &mut Outputs, folder: &Path, garden: &Garden, words: &[&str]) -> Option<i32> {
    let mut command = program::command();
    command.args(words).current_dir(folder).envs(garden.variables.iter().cloned());
    if ["check", "show", "diff"].contains(&words[0]) {
        command.args(garden.set.iter().flat_map(|set| ["--set", set]));
    }
    let output = command.output().expect("the program starts");
    for said in [output.stdout, output.stderr] {
        outputs.add(format!("ops {}", words.join(" ")), String::from_utf8_lossy(&said));
    }
    output.status.code()
}

/// Runs every other command of the program on files.
fn command(outputs: &mut Outputs, folder: &Path, files: &[&str], garden: &Garden) {
    let help = program::command().arg("--help").output().expect("the program starts").stdout;
    let help = String::from_utf8(help).expect("it writes UTF-8");
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<_> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"check"), "{help}");
    for format in ["human", "json", "github"] {
        let code = run(outputs, folder, garden, &[&["check", "--format", format], files].concat());
        assert_eq!(code, Some(1), "they are broken");
        let code = run(outputs, folder, garden, &["check", "--live", "--format", format, "ops.toml"]);
        assert_eq!(code, Some(1), "a check of it fails");
    }
    for file in files {
        run(outputs, folder, garden, &["check", "--live", file]);
    }
    for name in
        commands.iter().filter(|name| !["serve", "schema", "completions", "init", "help", "check"].contains(name))
    {
        for words in [
            &["--config", "ops.toml"][..],
            &["--config", "ops.toml", "--origins"],
            &["--config", "ops.toml", "--format", "json"],
        ] {
            run(outputs, folder, garden, &[&[*name], words].concat());
        }
        for file in files {
            run(outputs, folder, garden, &[name, "ops.toml", file]);
            run(outputs, folder, garden, &[name, "--config", file]);
        }
    }
}

/// Compares files with what is in force in the process.
fn compare(outputs: &mut Outputs, folder: &Path, files: &[&str], garden: &Garden, admin: SocketAddr) {
    let (place, token) = (format!("http://{admin}"), folder.join("token-of-the-operator"));
    fs::write(&token, garden.token()).expect("a file");
    let token = token.to_str().expect("a path that is UTF-8");
    for format in ["human", "json"] {
        let words = ["diff", "--running", &place, "--token-file", token, "--format", format, "ops.toml"];
        assert_eq!(run(outputs, folder, garden, &words), Some(0), "they are compared");
    }
    for file in files {
        run(outputs, folder, garden, &["diff", "--running", &place, "--token-file", token, file]);
    }
}

async fn hide(source: Source) {
    let (folder, collector) = (tempfile::tempdir().expect("a folder"), Collector::start().await);
    let is_heard = matches!(source, Source::Inline | Source::File | Source::Set);
    let mut garden = Garden::new(source);
    let heard_at = if is_heard { collector.address.to_string() } else { "127.0.0.1:1".to_owned() };
    let file = File::quiet()
        .text("observability.service_name", SAID)
        .text("observability.otlp_protocol", if source == Source::File { "http/protobuf" } else { "grpc" })
        .text("observability.logging.level", "trace")
        .with("observability.sampling_rate", "1.0")
        .text("shutdown.timeout", "3s");
    let good = garden.plant(file, folder.path());
    let good = good.text("observability.otlp_endpoint", &format!("http://{heard_at}/?token={}", garden.query()));
    let broken = garden.broken();
    fs::write(folder.path().join("ops.toml"), good.to_string()).expect("a file");
    let names: Vec<_> = (0..broken.len()).map(|number| format!("broken-{number}.toml")).collect();
    for (name, (_, text)) in names.iter().zip(&broken) {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let mut outputs = Outputs::default();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    command(&mut outputs, folder.path(), &names, &garden);

    let mut command = program::command();
    command.args(["serve", "--config", "ops.toml"]).envs(garden.variables.iter().cloned());
    command.args(garden.set.iter().flat_map(|set| ["--set", set]));
    let place = folder.path().to_owned();
    let service = Service::of(Process::begin(folder, command)).await;
    compare(&mut outputs, &place, &names, &garden, service.admin);
    let token = garden.token();
    for round in 0..2 {
        for (name, to) in [("server", service.server), ("metrics", service.metrics), ("admin", service.admin)] {
            ask(&mut outputs, name, to, &token).await;
        }
        ask_traces(&mut outputs, service.admin, &token).await;
        // Over the other sources, which say what is missing in it, such a file may be whole.
        if round == 0 && matches!(source, Source::Inline | Source::Env | Source::File) {
            save_broken(&mut outputs, &service, &token, &broken).await;
        }
    }
    let mut process = service.process;
    process.signal(Signal::TERM);
    process.ended(SOON).await;
    let log = process.log().join("\n");
    assert!(log.contains(r#""level":"TRACE""#), "all there is to say");
    outputs.add("the log", log);
    outputs.add("stderr", process.said().join("\n"));
    let said = outputs.with(SAID);
    assert!(said.contains(&"the log") && said.iter().any(|name| name.starts_with("GET /config ")), "{said:?}");
    if is_heard {
        assert!(collector.batches().iter().any(|batch| batch.authorization.contains(&garden.header())), "it was used");
    }
    outputs.assert_hide(&garden.secrets);
}

/// Feature: production-excellence, Property 25: no secret appears in any log, error, route, metric or
/// command, from whichever of six sources it comes: 14 shapes in each secret field, and in each
/// place of a broken file where one may have got by mistake.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_in_nothing_that_is_said() {
    for source in plant::SOURCES {
        hide(source).await;
    }
}
