//! A broken save changes nothing and says which line.

use ops_tests::{
    service::{Service, QUIET, SOON},
    wait,
};
use serde_json::Value;

/// A text, where its fault stands, and how far it came.
struct Broken {
    text: String,
    stage: &'static str,
    line: u64,
    column: u64,
}

fn broken() -> Vec<Broken> {
    let lines = QUIET.lines().count() as u64;
    let after = |text: &str| format!("{QUIET}{text}");
    vec![
        Broken { text: after("sampling_rate = 1.5\n"), stage: "schema", line: lines + 1, column: 17 },
        Broken { text: after("sampling_rat = 0.5\n"), stage: "schema", line: lines + 1, column: 1 },
        Broken { text: after("sampling_rate = = 1\n"), stage: "parse", line: lines + 1, column: 17 },
        Broken {
            text: after("[pools.main]\nurl = \"sqlite::memory:\"\nmin_connections = 9\nmax_connections = 2\n"),
            stage: "rule",
            line: lines + 3,
            column: 19,
        },
    ]
}

fn has_error(config: &Value) -> bool {
    !config["last_error"].is_null()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_save_is_shown_with_its_line_and_changes_nothing() {
    for save in [Service::save_by_rename, Service::save_in_place] {
        let service = Service::start(QUIET).await;
        let before = service.config().await;
        for broken in broken() {
            save(&service, &broken.text);
            let config = service.config_once("the fault", has_error).await;
            let error = &config["last_error"];
            assert_eq!((&error["line"], &error["column"]), (&broken.line.into(), &broken.column.into()), "{error}");
            assert!(error["path"].as_str().is_some_and(|path| path.ends_with("ops.toml")), "{error}");
            assert!(error["code"].as_str().is_some_and(|code| code.starts_with("OPS")), "{error}");
            assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
            assert_eq!(config["last_reload"]["outcome"], "rejected");
            assert_eq!(config["last_reload"]["stage"], broken.stage, "{}", broken.text);
            assert!(config["last_reload"]["violations"].as_array().is_some_and(|all| !all.is_empty()));
            for part in ["generation", "sha256", "loaded_at", "value"] {
                assert_eq!(config[part], before[part], "{part}");
            }

            let scrape = service.scrape().await;
            let labels = [("outcome", "rejected"), ("stage", broken.stage)];
            assert!(scrape.sum("ops_config_reloads_total", &labels) >= 1.0, "{}", broken.stage);
            assert_eq!(scrape.value("ops_config_last_reload_successful", &[]), Some(0.0));
            let code = error["code"].as_str().expect("a code").to_owned();
            let logged = || service.process.log().iter().any(|line| line.contains(&code) && line.contains("ops.toml"));
            wait::holds("the log line of the fault", SOON, logged).await;
            assert!(service.get("/ok").await.is_ok_and(|answer| answer.status.is_success()));

            // The same good content again, which equals what is in force, clears it.
            save(&service, QUIET);
            let cleared = service.config_once("the fault to be cleared", |config| !has_error(config)).await;
            assert_eq!(cleared["generation"], before["generation"]);
            assert!(service.scrape().await.is_one("ops_config_last_reload_successful", &[]));
        }

        // And a new one after a broken one is taken: watching goes on.
        save(&service, "version = ");
        service.config_once("the fault", has_error).await;
        save(&service, &format!("{QUIET}sampling_rate = 0.75\n"));
        let after =
            service.config_once("the next generation", |config| config["generation"] != before["generation"]).await;
        assert_eq!(after["generation"], before["generation"].as_u64().map_or(0, |number| number + 1));
        assert!(!has_error(&after));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_gone_or_empty_is_never_read_as_all_defaults() {
    let text = format!("{QUIET}sampling_rate = 0.75\n");
    let service = Service::start(&text).await;
    let before = service.config().await;
    let mut saves: Vec<Box<dyn Fn()>> = Vec::new();
    saves.push(Box::new(|| service.save_by_rename("")));
    saves.push(Box::new(|| service.save_by_rename("# nothing\n# at all\n")));
    saves.push(Box::new(|| service.save_by_rename("[limits]\nmax_in_flight = 3\n")));
    saves.push(Box::new(|| std::fs::remove_file(service.process.file()).expect("the file was there")));
    saves.push(Box::new(|| std::fs::write(service.process.file(), [b'a', 0xff, 0xfe]).expect("a file")));
    for save in saves {
        save();
        let config = service.config_once("the fault", has_error).await;
        assert_eq!((&config["value"], &config["generation"]), (&before["value"], &before["generation"]));
        service.save_by_rename(&text);
        service.config_once("the fault to be cleared", |config| !has_error(config)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_built_leaves_the_old_generation_whole() {
    let service = Service::start(QUIET).await;
    let before = service.config().await;
    let neighbour = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = neighbour.local_addr().expect("its address");
    let text = QUIET.replace("[server]\nlisten = \"127.0.0.1:0\"", &format!("[server]\nlisten = \"{taken}\""));
    service.save_by_rename(&format!("{text}sampling_rate = 0.75\n"));
    let config = service.config_once("the fault", has_error).await;
    assert_eq!(config["last_reload"]["stage"], "build", "{config}");
    assert!(config["last_error"]["message"].as_str().is_some_and(|message| message.contains("server.listen")));
    assert_eq!(config["value"], before["value"]);
    assert!(service.get("/ok").await.is_ok_and(|answer| answer.status.is_success()));
}
