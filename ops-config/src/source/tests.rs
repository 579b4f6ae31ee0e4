use super::{Draft, Sources, Texts};
use crate::{
    diagnostic::{Code, KeyPath, Origin, Report},
    source::coerce,
};
use serde_json::{json, Value};

fn key(dotted: &str) -> KeyPath {
    dotted.split('.').collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn sources(variables: &[(&str, &str)], set: &[(&str, &str)]) -> Sources {
    Sources { variables: pairs(variables), set: pairs(set), ..Sources::from_file("ops.toml") }
}

fn texts(text: &str) -> Texts {
    Texts::from_bytes("ops.toml", text.as_bytes().to_vec()).unwrap()
}

fn draft(text: &str, variables: &[(&str, &str)], set: &[(&str, &str)]) -> Draft {
    Draft::gather(&sources(variables, set), &texts(text)).unwrap()
}

fn at<'d>(draft: &'d Draft, dotted: &str) -> &'d Value {
    key(dotted).find(draft.value()).unwrap()
}

fn codes(draft: &Draft) -> Vec<Code> {
    draft.violations().iter().map(|violation| violation.code).collect()
}

#[test]
fn who_speaks_last_holds_and_is_the_origin() {
    let rate = "observability.sampling_rate";
    let otel = ("OTEL_TRACES_SAMPLER_ARG", "0.2");
    let file = "version = 1\n[observability]\nsampling_rate = 0.3\n";
    let variable = ("OPS_OBSERVABILITY__SAMPLING_RATE", "0.4");
    let set = (rate, "0.5");
    for (draft, value, origin) in [
        (draft("version = 1\n", &[], &[]), 0.1, "default"),
        (draft("version = 1\n", &[otel], &[]), 0.2, "OTEL_TRACES_SAMPLER_ARG"),
        (draft(file, &[otel], &[]), 0.3, "ops.toml:3:17"),
        (draft(file, &[otel, variable], &[]), 0.4, "OPS_OBSERVABILITY__SAMPLING_RATE"),
        (draft(file, &[otel, variable], &[set]), 0.5, "--set observability.sampling_rate"),
    ] {
        assert_eq!(at(&draft, rate), &json!(value));
        assert_eq!(draft.origin(&key(rate)).to_string(), origin);
        assert_eq!(draft.origin(&key("observability.metrics_port")), Origin::Default, "beside what was said");
    }
}

#[test]
fn a_profile_overrides_the_file_key_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ops.toml");
    let main = "version = 1\n[limits]\nmode = \"off\"\nmax_in_flight = 5\n[chaos]\nenvironments = [\"a\", \"b\"]\n";
    std::fs::write(&file, main).unwrap();
    let profile = "[limits]\nmode = \"observe\"\n[chaos]\nenvironments = [\"c\"]\n";
    std::fs::write(folder.path().join("ops.test-1.toml"), profile).unwrap();
    let sources = Sources { profile: Some("test-1".to_owned()), ..Sources::from_file(&file) };
    let texts = sources.read().unwrap();
    assert_eq!(texts.paths().count(), 2);

    let draft = Draft::gather(&sources, &texts).unwrap();
    let limits = json!({ "max_in_flight": 5, "mode": "observe", "modes": {}, "rates": {} });
    assert_eq!(at(&draft, "limits"), &limits);
    assert_eq!(at(&draft, "chaos.environments"), &json!(["c"]), "a list comes whole from one of them");
    assert!(draft.origin(&key("limits.mode")).to_string().ends_with("ops.test-1.toml:2:8"));
    assert!(draft.origin(&key("limits.max_in_flight")).to_string().ends_with("ops.toml:4:17"));
    assert!(draft.origin(&key("chaos.environments").index(0)).to_string().ends_with("ops.test-1.toml:4:17"));
}

/// Each of the four that can say where a secret stands, in rising order.
fn with_token(said: &[(usize, &str)]) -> Draft {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ops.toml");
    let (mut files, mut elsewhere) = ([String::new(), String::new()], [Vec::new(), Vec::new()]);
    for (layer, source) in said {
        match layer {
            0 | 1 => files[*layer] = format!("admin.token = {{ {source} = \"{layer}\" }}\n"),
            2 => elsewhere[0].push((format!("OPS_ADMIN__TOKEN__{}", source.to_uppercase()), layer.to_string())),
            _ => elsewhere[1].push((format!("admin.token.{source}"), layer.to_string())),
        }
    }
    std::fs::write(&file, format!("version = 1\n{}", files[0])).unwrap();
    std::fs::write(folder.path().join("ops.x.toml"), format!("# profile\n[admin]\n{}", files[1].replace("admin.", "")))
        .unwrap();
    let [variables, set] = elsewhere;
    let sources = Sources { profile: Some("x".to_owned()), variables, set, ..Sources::from_file(&file) };
    Draft::gather(&sources, &sources.read().unwrap()).unwrap()
}

#[test]
fn a_secret_comes_whole_from_who_speaks_last() {
    for (below, above) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        for (before, after) in [("env", "file"), ("file", "env"), ("env", "env")] {
            let draft = with_token(&[(below, before), (above, after)]);
            let whole = json!({ after: above.to_string() });
            assert_eq!(at(&draft, "admin.token"), &whole, "{before} of {below}, {after} of {above}");
            let origins: Vec<_> = draft.leaf_origins().into_keys().map(|key| key.to_string()).collect();
            assert_eq!(origins, [format!("admin.token.{after}"), "version".to_owned()]);
        }
    }
    let all = with_token(&[(0, "env"), (1, "file"), (2, "env"), (3, "file")]);
    assert_eq!(at(&all, "admin.token"), &json!({ "file": "3" }));
    let text = draft("version = 1\nadmin.token = { env = \"A\" }\n", &[("OPS_ADMIN__TOKEN", "plain")], &[]);
    assert_eq!(at(&text, "admin.token"), "plain");
    let reference = draft("version = 1\nadmin.token = \"plain\"\n", &[("OPS_ADMIN__TOKEN__FILE", "/f")], &[]);
    assert_eq!(at(&reference, "admin.token"), &json!({ "file": "/f" }));
    let tables = "version = 1\n[pools.m]\nurl = { env = \"A\" }\nmax_connections = 5\n";
    let beside = draft(tables, &[], &[("pools.m.url.file", "/f")]);
    assert_eq!(at(&beside, "pools.m"), &json!({ "url": { "file": "/f" }, "max_connections": 5 }));
}

#[test]
fn a_check_of_another_kind_keeps_nothing_of_the_kind_before() {
    let file = "version = 1\n[probes.checks.x]\nkind = \"pool\"\npool = \"main\"\n";
    let set = |set: &[(&str, &str)]| at(&draft(file, &[], set), "probes.checks.x").clone();
    let tcp = [("probes.checks.x.kind", "tcp"), ("probes.checks.x.address", "db:1")];
    assert_eq!(set(&tcp), json!({ "kind": "tcp", "address": "db:1" }));
    let same = [("probes.checks.x.kind", "pool"), ("probes.checks.x.groups", "[\"startup\"]")];
    assert_eq!(set(&same), json!({ "kind": "pool", "pool": "main", "groups": ["startup"] }));
}

#[test]
fn the_key_decides_what_a_text_becomes() {
    for (dotted, text, value) in [
        ("observability.service_name", "12345", json!("12345")),
        ("observability.service_name", "1e3", json!("1e3")),
        ("observability.service_name", "true", json!("true")),
        ("observability.service_name", " padded ", json!(" padded ")),
        ("observability.environment", "007", json!("007")),
        ("observability.metrics_port", "9090", json!(9090)),
        ("observability.metrics_port", " 9090\n", json!(9090)),
        ("observability.metrics_port", "09090", json!("09090")),
        ("observability.metrics_port", "9e3", json!("9e3")),
        ("observability.metrics_port", "", json!("")),
        ("observability.metrics_port", "-", json!("-")),
        ("observability.metrics_port", "-1", json!(-1)),
        ("observability.sampling_rate", "1", json!(1)),
        ("observability.sampling_rate", "0.25", json!(0.25)),
        ("observability.sampling_rate", "half", json!("half")),
        ("chaos.enabled", "True", json!(true)),
        ("chaos.enabled", "1", json!("1")),
        ("chaos.environments", "[\"a\", 'b']", json!(["a", "b"])),
        ("chaos.environments", "[\"a\",\"b\"]", json!(["a", "b"])),
        ("chaos.environments", "a,b", json!("a,b")),
        ("limits", "{ mode = \"off\", max_in_flight = 1_000 }", json!({ "mode": "off", "max_in_flight": 1000 })),
        ("limits", "{\"mode\":\"off\"}", json!({ "mode": "off" })),
        ("admin.token", "12345", json!("12345")),
        ("admin.token", "{\"a\":1}", json!("{\"a\":1}")),
        ("admin.token", "{not a reference}", json!("{not a reference}")),
        ("admin.token", "{ env = \"NAME\" }", json!({ "env": "NAME" })),
        ("admin.token", "{\"file\":\"/x\"}", json!({ "file": "/x" })),
        ("pools.main.url", "sqlite::memory:", json!("sqlite::memory:")),
        ("limits.max_inflight", "5", json!("5")),
    ] {
        assert_eq!(coerce::value(text, &key(dotted)), Ok(value), "{dotted} of {text:?}");
    }
    for text in ["nan", "inf", "-inf", "1e999"] {
        assert_eq!(coerce::value(text, &key("observability.sampling_rate")), Err(text.to_owned()));
    }
}

#[test]
fn a_variable_finds_its_key_in_any_case_and_with_either_dash() {
    let file = "version = 1\n[probes.checks.main-db]\nkind = \"pool\"\npool = \"x\"\n[pools.a_b]\n[pools.a-b]\n";
    let variables = [
        ("OPS_PROBES__CHECKS__MAIN_DB__POOL", "y"),
        ("OPS_limits__Mode", "off"),
        ("OPS_POOLS__A_B__MIN_CONNECTIONS", "1"),
        ("OPS_POOLS__NEW_ONE__MAX_CONNECTIONS", "7"),
        ("OPS_ADMIN__TOKEN__ENV", "TOKEN"),
        ("ops_limits__mode", "observe"),
        ("OPSX", "1"),
    ];
    let draft = draft(file, &variables, &[]);
    assert_eq!(codes(&draft), []);
    assert_eq!(at(&draft, "probes.checks.main-db"), &json!({ "kind": "pool", "pool": "y" }));
    assert_eq!(at(&draft, "limits.mode"), &json!("off"));
    assert_eq!(at(&draft, "pools.a_b.min_connections"), &json!(1), "the same spelling is preferred");
    assert_eq!(at(&draft, "pools.new_one.max_connections"), &json!(7));
    assert_eq!(at(&draft, "admin.token"), &json!({ "env": "TOKEN" }));
}

#[test]
fn a_variable_that_names_no_key_is_a_fault_unless_something_else_needs_it() {
    let names = [
        ("OPS_LIMITS", "5"),
        ("OPS_LIMITS__", "5"),
        ("OPS___MODE", "5"),
        ("OPS_LIMITS__MODE__MORE", "5"),
        ("OPS_CHAOS__ENVIRONMENTS__0", "x"),
        ("OPS_", "5"),
    ];
    let faulty = draft("version = 1\n", &names, &[]);
    assert_eq!(codes(&faulty), [Code::UnknownVariable; 5], "OPS_LIMITS is a key, though its value is none");

    let file = "version = 1\n[admin]\ntoken = { env = \"OPS_OPERATOR\" }\n";
    let process = [("OPS_PROFILE", "x"), ("OPS_CONFIG", "y"), ("OPS_TEST_REAL", "1"), ("OPS_OPERATOR", "secret")];
    assert_eq!(codes(&draft(file, &process, &[])), []);
}

#[test]
fn what_kubernetes_says_of_services_is_no_fault_and_hides_none() {
    let of_a_service = |prefix: &str| {
        let names = [
            ("SERVICE_HOST", "10.0.0.1"),
            ("SERVICE_PORT", "8080"),
            ("SERVICE_PORT_HTTP", "8080"),
            ("PORT", "tcp://10.0.0.1:8080"),
            ("PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("PORT_8080_TCP_PROTO", "tcp"),
            ("PORT_8080_TCP_PORT", "8080"),
            ("PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("PORT_53_UDP", "udp://10.0.0.1:53"),
        ];
        names.map(|(name, value)| (format!("{prefix}_{name}"), value.to_owned())).to_vec()
    };
    let of = |variables: Vec<(String, String)>| {
        let sources = Sources { variables, ..Sources::from_file("ops.toml") };
        Draft::gather(&sources, &texts("version = 1\n")).unwrap()
    };
    for prefix in ["OPS", "OPS_X", "OPS_SERVER", "OPS_LIMITS__X"] {
        let draft = of(of_a_service(prefix));
        assert_eq!(draft.violations(), [], "{prefix}");
        assert!(draft.leaf_origins().into_keys().all(|key| key.to_string() == "version"), "{prefix}");
    }
    let key = of([of_a_service("OPS"), pairs(&[("OPS_OBSERVABILITY__METRICS_PORT", "9095")])].concat());
    assert_eq!(at(&key, "observability.metrics_port"), 9095);
    for name in ["OPS_OBSERVABILITY_METRICS_PORT", "OPS_OBSERVABILITY__METRIC_PORT", "OPS_PORTS", "OPS_PORT_8080"] {
        let said = [of_a_service("OPS"), pairs(&[(name, "9095")])].concat();
        assert_eq!(codes(&of(said)), [Code::UnknownVariable], "{name}");
    }
}

#[test]
fn standard_variables_that_cannot_be_used_are_ignored_with_a_warning() {
    let good = [
        ("OTEL_SERVICE_NAME", "shop"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    ];
    let draft_of_good = draft("version = 1\n", &good, &[]);
    assert!(draft_of_good.warnings().is_empty());
    assert_eq!(at(&draft_of_good, "observability.service_name"), "shop");
    assert_eq!(at(&draft_of_good, "observability.otlp_endpoint"), "http://collector:4318");
    assert_eq!(at(&draft_of_good, "observability.otlp_protocol"), "http/protobuf");

    let bad = [
        ("OTEL_SERVICE_NAME", ""),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@collector"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_TRACES_SAMPLER_ARG", "NaN"),
    ];
    let draft = draft("version = 1\n", &bad, &[]);
    assert_eq!(codes(&draft), []);
    assert_eq!(draft.warnings().len(), 3, "an empty one is as good as none");
    assert!(!draft.warnings().concat().contains("hunter2"));
    assert!(key("observability.otlp_endpoint").find(draft.value()).is_none());
}

#[test]
fn set_takes_quoted_names_and_the_last_word() {
    let set = [
        ("pools.\"main\".min_connections", "1"),
        ("limits.mode", "off"),
        ("limits.mode", "\"observe\""),
        ("observability.sampling_rate", "nan"),
        ("observability.sampling_rate", "0.5"),
    ];
    let draft = draft("version = 1\n", &[], &set);
    assert_eq!(at(&draft, "pools.main.min_connections"), &json!(1));
    assert_eq!(at(&draft, "limits.mode"), "observe");
    assert_eq!(draft.unsayable().count(), 0);
}

#[test]
fn every_value_knows_its_place_also_in_lists_and_inline_tables() {
    let file = "version = 1
x.rules = [
  { route = \"/a\", sampling_rate = 1.0 },
  { route = \"/b\", sampling_rate = 0.5 },
]
[observability.x]
latency_buckets = [0.1,
  0.2]
";
    let draft = draft(file, &[], &[]);
    let place = |key: KeyPath| draft.place(&key).to_string();
    assert_eq!(place(key("x.rules").index(1).key("sampling_rate")), "ops.toml:4:35");
    assert_eq!(place(key("observability.x.latency_buckets").index(1)), "ops.toml:8:3");
    assert_eq!(place(key("observability.x.missing")), "ops.toml:6:1", "the table around what is missing");
    assert_eq!(draft.key_place(&key("observability.x")).to_string(), "ops.toml:6:16");
}

#[test]
fn origins_name_leaves_and_count_a_list_of_values_as_one() {
    let file = "version = 1
[[observability.sampling_rules]]
route = \"/a\"
sampling_rate = 1.0
[chaos]
environments = [\"a\", \"b\"]
";
    let origins = draft(file, &[("OPS_LIMITS", "{ mode = \"off\" }")], &[]).leaf_origins();
    let origins: Vec<String> = origins.iter().map(|(key, origin)| format!("{key} {origin}")).collect();
    assert_eq!(
        origins,
        [
            "chaos.environments ops.toml:6:16",
            "limits.mode OPS_LIMITS",
            "observability.sampling_rules[0].route ops.toml:3:9",
            "observability.sampling_rules[0].sampling_rate ops.toml:4:17",
            "version ops.toml:1:11",
        ]
    );
}

#[test]
fn texts_are_equal_when_every_byte_is_and_only_then() {
    assert_eq!(texts("version = 1\n"), texts("version = 1\n"));
    assert_ne!(texts("version = 1\n"), texts("version = 1\n\n"));
    assert_eq!(texts("\u{feff}version = 1\n").main(), "version = 1\n");
    let broken: Report = Draft::gather(&sources(&[], &[]), &texts("version = ")).unwrap_err();
    assert_eq!(broken.violations[0].code, Code::Syntax);
}

#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let report = Sources::from_file("/dev/null").read().unwrap_err();
    assert_eq!(report.violations[0].code, Code::Unreadable);
}
