//! The operator's listener: who may ask, and that callers of the service cannot reach it through the demo.

use http::{Method, StatusCode};
use ops_tests::{
    client::Client,
    service::{Service, QUIET},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_calls_the_service_for_anyone_and_the_operators_listeners_for_no_one() {
    let service = Service::start(QUIET).await;
    let call = |address: std::net::SocketAddr, path: &str| format!("/call?url=http://{address}{path}");
    let own = service.get(&call(service.server, "/ok")).await.expect("an answer");
    assert_eq!((own.status, own.text().as_str()), (StatusCode::OK, "ok\n"));
    for (address, path) in [(service.admin, "/config"), (service.metrics, "/metrics")] {
        let refused = service.get(&call(address, path)).await.expect("an answer");
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_answer_of_config_is_not_sent_again_until_something_changed() {
    let service = Service::start(QUIET).await;
    let client = Client::http1();
    let first = client.get(service.admin, "/config").await.expect("an answer");
    let tag = first.header("etag").to_owned();
    let headers = [("if-none-match", tag.as_str())];
    let known = client.send(service.admin, Method::GET, "/config", &headers, "").await.expect("an answer");
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    service.save_by_rename(&format!("{QUIET}sampling_rate = 0.5\n"));
    service.config_once("the save", |config| config["generation"] == 2).await;
    let changed = client.send(service.admin, Method::GET, "/config", &headers, "").await.expect("an answer");
    assert_eq!(changed.status, StatusCode::OK);

    let (gone, now) = (("if-match", tag.as_str()), ("if-none-match", changed.header("etag")));
    let json = ("content-type", "application/json");
    for (method, path, header) in [
        (Method::GET, "/config", gone),
        (Method::GET, "/config/history", gone),
        (Method::POST, "/config/reload", gone),
        (Method::POST, "/config/reload", now),
        (Method::POST, "/config/rollback", now),
    ] {
        let refused = client.send(service.admin, method.clone(), path, &[json, header], "").await.expect("an answer");
        assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED, "{method} {path} {header:?}");
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
    assert_eq!(service.config().await["generation"], 2, "who is refused changes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn breakers_pools_and_checks_are_shown_as_they_are_and_to_nobody_else() {
    let text = format!(
        "{QUIET}[breakers.upstream]\nroutes = [\"/fail\"]\nfailure_threshold = 1\n[pools.main]\nmax_connections = 7\n[probes.checks.db]\nkind = \"pool\"\npool = \"main\"\n"
    );
    let service = Service::start(&text).await;
    let client = Client::http1();
    assert_eq!(service.get("/fail").await.expect("an answer").status, StatusCode::INTERNAL_SERVER_ERROR);
    for (path, key, expected) in
        [("/breakers/upstream", "state", "open"), ("/pools/main", "max", "7"), ("/probes/db", "status", "healthy")]
    {
        let one = client.get(service.admin, path).await.expect("an answer").json();
        assert_eq!(one[key].to_string().trim_matches('"'), expected, "{one}");
        let list = path[1..].split_once('/').expect("a kind and a name").0;
        let all = client.get(service.admin, &format!("/{list}")).await.expect("an answer").json();
        assert_eq!(all[list][0]["name"], one["name"]);

        let unknown = client.get(service.admin, &format!("{path}x")).await.expect("an answer");
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        assert!(unknown.text().contains("did you mean"), "{}", unknown.text());
        let lured = client.send(service.admin, Method::GET, path, &[("host", "evil.example")], "").await;
        assert_eq!(lured.expect("an answer").status, StatusCode::MISDIRECTED_REQUEST);
        assert_eq!(client.get(service.metrics, path).await.expect("an answer").status, StatusCode::NOT_FOUND);
    }
}
