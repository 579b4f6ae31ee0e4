//! A pool's bounds, as the server counts them, while everything about the pool is edited under load.

use super::pool_load::{Load, Watch};
use libtest_mimic::Trial;
use ops_tests::{
    database::{Kind, Server},
    outside::needs,
    service::{Service, QUIET},
    wait,
};
use std::{fs, path::Path, time::Duration};
use tokio::time::sleep;

const WORKERS: usize = 16;

pub(crate) fn trials() -> Vec<Trial> {
    let [postgres, maria] = Kind::ALL.map(Kind::needs);
    let both: Vec<_> = postgres.into_iter().chain(maria).collect();
    vec![
        needs(&postgres, "a_pool_of_postgres_holds_its_bounds", || holds_its_bounds(Kind::Postgres)),
        needs(&maria, "a_pool_of_maria_holds_its_bounds", || holds_its_bounds(Kind::Maria)),
        needs(&postgres, "a_password_of_postgres_rotates_unnoticed", || rotates_unnoticed(Kind::Postgres)),
        needs(&maria, "a_password_of_maria_rotates_unnoticed", || rotates_unnoticed(Kind::Maria)),
        needs(&postgres, "a_check_opens_a_database_of_postgres", || a_check_opens_the_database(Kind::Postgres)),
        needs(&maria, "a_check_opens_a_database_of_maria", || a_check_opens_the_database(Kind::Maria)),
        needs(&both, "another_kind_of_database_takes_over", another_kind_takes_over),
        needs(&[], "who_holds_a_connection_too_long_is_told_of", who_holds_it_too_long_is_told_of),
    ]
}

fn config(url: &str, min: usize, max: usize, more: &str) -> String {
    format!(
        "{QUIET}[pools.main]\nurl = {url}\nmin_connections = {min}\nmax_connections = {max}\n\
         acquire_timeout = \"20s\"\nidle_timeout = \"300ms\"\n{more}"
    )
}

fn quoted(url: &str) -> String {
    format!("\"{url}\"")
}

async fn save(service: &Service, text: &str) {
    let outcome = service.reload_with(text).await;
    assert!(outcome["outcome"] == "applied" || outcome["outcome"] == "unchanged", "{outcome}");
}

/// Feature: production-excellence, Property 5: at least the minimum idle when it can be, never more than the maximum in
/// total, through resizes, rotations and idle times, by the server's own count; and no query fails.
async fn holds_its_bounds(kind: Kind) {
    let server = Server::start(kind).await;
    let urls = [server.url(), format!("{}&statement-cache-capacity=50", server.url())].map(|url| quoted(&url));
    let service = Service::start(&config(&urls[0], 2, 6, "")).await;
    let watch = Watch::start(&server, 6).await;
    let load = Load::start(service.server, WORKERS, "/db?ms=2");
    let steps = [(2, 6, 0), (0, 3, 0), (4, 8, 0), (1, 1, 1), (3, 5, 0), (5, 5, 1), (0, 2, 1), (2, 9, 0), (1, 4, 1)];
    for round in 0..2 {
        for (min, max, at) in steps {
            watch.widen(max);
            save(&service, &config(&urls[at], min, max, "max_lifetime = \"1s\"\n")).await;
            watch.until("no more than the new maximum", |now| now <= max).await;
            watch.narrow(max);
            watch.until("as many as the new maximum lets work", |now| now == max).await;
            sleep(Duration::from_millis(100 + 100 * round)).await;
        }
    }
    let seen = load.end().await;
    assert_eq!(seen.failures(), Vec::<String>::new());
    let answered = seen.answered.load(std::sync::atomic::Ordering::SeqCst);
    for (min, max) in [(1, 4), (3, 4), (0, 4), (2, 2)] {
        save(&service, &config(&urls[1], min, max, "")).await;
        watch.until("the minimum alone, when all is idle", |now| now == min).await;
    }
    let counts = watch.end().await;
    assert!(counts > 100, "{counts} counts are no witness");
    println!("{}: {answered} queries, {counts} counts, slowest {:?}", kind.program(), seen.slowest());
}

/// The password changes in the database, then in the file that `url` names.
///
/// Feature: production-excellence, Property 25: neither is in the log, nor one that the server refuses.
async fn rotates_unnoticed(kind: Kind) {
    let server = Server::start(kind).await;
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("url");
    fs::write(&secret, server.url()).expect("a file");
    let reference = format!("{{ file = {:?} }}", secret.display().to_string());
    let service = Service::start(&config(&reference, 2, 4, "")).await;
    let watch = Watch::start(&server, 4).await;
    let load = Load::start(service.server, WORKERS, "/db?ms=1");
    let mut admin = server.witness().await;
    for round in 0..3 {
        let next = format!("next{round}/and@{}", fastrand::u64(..));
        replace(&secret, &with_password(&server, "not-the-right-one", false));
        service.config_once("that it is refused", |config| !config["last_error"].is_null()).await;
        admin.execute(&changed(kind, &next)).await;
        let in_query = kind == Kind::Postgres && round == 1;
        replace(&secret, &with_password(&server, &next.replace('/', "%2F").replace('@', "%40"), in_query));
        service.config_once("the rotation", |config| config["generation"] == 2 + round).await;
        watch.until("all four at work", |now| now == 4).await;
    }
    assert_eq!(load.end().await.failures(), Vec::<String>::new());
    watch.end().await;
    let config = service.config().await.to_string();
    let said = [service.process.log(), service.process.said(), vec![config]].concat().join("\n");
    for secret in [server.password(), "next", "/and@", "not-the-right-one"] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}

fn with_password(server: &Server, password: &str, in_query: bool) -> String {
    let url = server.url();
    if in_query {
        format!("{}&password={password}", url.replace(&format!(":{}@", server.password()), "@"))
    } else {
        url.replace(server.password(), password)
    }
}

fn changed(kind: Kind, password: &str) -> String {
    match kind {
        Kind::Postgres => format!("ALTER ROLE ops PASSWORD '{password}'"),
        Kind::Maria => format!("ALTER USER 'ops'@'%' IDENTIFIED BY '{password}'"),
    }
}

fn replace(file: &Path, text: &str) {
    let beside = file.with_extension("new");
    fs::write(&beside, text).expect("a file beside it");
    fs::rename(&beside, file).expect("it takes the name");
}

/// One save moves the service from one kind of database to another, and back.
async fn another_kind_takes_over() {
    let (postgres, maria) = tokio::join!(Server::start(Kind::Postgres), Server::start(Kind::Maria));
    let urls = ["sqlite::memory:".to_owned(), postgres.url(), maria.url()].map(|url| quoted(&url));
    let service = Service::start(&config(&urls[0], 1, 4, "")).await;
    let load = Load::start(service.server, 8, "/db?ms=2");
    let mut witnesses = [postgres.witness().await, maria.witness().await];
    for at in [1, 2, 0, 2, 1, 0, 1] {
        save(&service, &config(&urls[at], 1, 4, "")).await;
        let json = [("content-type", "application/json")];
        let post = http::Method::POST;
        let made = service.client().send(service.server, post, "/items", &json, "{\"name\":\"a\"}").await;
        let made = made.expect("an answer");
        assert_eq!(made.status, 201, "{}", made.text());
        let read = service.get(&format!("/items/{}", made.json()["id"])).await.expect("an answer");
        assert_eq!((read.status.as_u16(), read.json()["name"].as_str()), (200, Some("a")));
        for (number, witness) in witnesses.iter_mut().enumerate().filter(|(number, _)| number + 1 != at) {
            let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
            while witness.connections().await > 0 {
                assert!(tokio::time::Instant::now() < deadline, "connections to {number} are left");
            }
        }
    }
    assert_eq!(load.end().await.failures(), Vec::<String>::new());
}

/// `ops check --live` opens the database, and tells in its words what is in the way, without the password.
async fn a_check_opens_the_database(kind: Kind) {
    let server = Server::start(kind).await;
    let folder = tempfile::tempdir().expect("a folder");
    let check = |url: &str| {
        fs::write(folder.path().join("ops.toml"), config(&quoted(url), 1, 4, "")).expect("a file");
        let mut command = ops_tests::program::command();
        let output = command.args(["check", "--live"]).current_dir(folder.path()).output().expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    };
    let (code, said) = check(&server.url());
    assert_eq!(code, Some(0), "{said}");
    let wrong = with_password(&server, "not%2Dthe-right-one", false);
    let nowhere = server.url().replace("/ops?", "/elsewhere?");
    let nobody = server.url().replace(&server.address().to_string(), "127.0.0.1:1");
    for (url, cause) in [(&wrong, "ops"), (&nowhere, "elsewhere"), (&nobody, "refused")] {
        let (code, said) = check(url);
        assert!(code == Some(1) && said.contains("OPS302") && said.contains(cause), "{said}");
        assert!(!said.contains(server.password()) && !said.contains("the-right-one"), "{said}");
    }
}

async fn who_holds_it_too_long_is_told_of() {
    let text = |threshold: &str| config("\"sqlite::memory:\"", 0, 4, &format!("leak_threshold = \"{threshold}\"\n"));
    let service = Service::start(&text("100ms")).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-00");
    let headers = [("traceparent", parent.as_str())];
    let held = service.client().send(service.server, http::Method::GET, "/db?ms=600", &headers, "").await;
    assert_eq!(held.expect("an answer").status, 200);
    // The client has its answer before the connection is back.
    wait::until("the end of a loan that took too long", Duration::from_secs(10), || async {
        service.process.log().iter().any(|line| line.contains("pool.leak_ended")).then_some(())
    })
    .await;
    let log = service.process.log();
    let told: Vec<_> = log.iter().filter(|line| line.contains("pool.leak")).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|line| line.contains(trace) && line.contains("demo/connection.rs:")), "{told:?}");
    assert!(told[1].contains("pool.leak_ended"));
    let scrape = service.scrape().await;
    assert_eq!(scrape.value("ops_pool_leaks_total", &[("pool", "main")]), Some(1.0));
    save(&service, &text("0s")).await;
    assert_eq!(service.get("/db?ms=300").await.expect("an answer").status, 200);
    assert_eq!(service.scrape().await.value("ops_pool_leaks_total", &[("pool", "main")]), Some(1.0));
}
