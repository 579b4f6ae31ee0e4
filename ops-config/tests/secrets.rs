//! No secret in any message, wherever it was written and whatever is wrong beside it.

#[path = "oracle/hidden.rs"]
mod hidden;
#[path = "oracle/report.rs"]
mod report;

use hidden::{outputs, shown};
use ops_config::source::{Sources, Texts};
use proptest::prelude::*;

/// Where a secret is written in a file: `§` stands for it. Secret fields, secret fields of a wrong
/// type, misspelt ones, lines that do not parse, places where one was meant to be elsewhere.
const IN_FILES: &[&str] = &[
    "[admin]\ntoken = \"§\"",
    "[admin]\ntoken = '§' # § before",
    "[admin]\n# token = \"§\" \u{7}",
    "[admin]\nlisten = 5 # token = \"§\" \u{7}",
    "[admin]\ntoken = \"\"\"\n§\n\"\"\"",
    "[admin]\ntoken = \"\"\"\n§",
    "[admin]\ntoken = §",
    "[admin]\ntoken = \"§",
    "[admin]\ntoken \"§\"",
    "[admin]\ntoken: §",
    "[admin]\n\"token\": \"§\",",
    "[admin]\ntoken = \"§\" extra",
    "[admin]\nlisten = 5 token = \"§\"",
    "[admin]\nlisten = \"127.0.0.1:1\"\n§",
    "[admin]\ntoken = [\"§\"]",
    "[admin]\ntoken = { value = \"§\" }",
    "[admin]\ntoken = { env = [\"§\"] }",
    "[admin]\ntoken = { env = 5, \"§\" = 1 }",
    "[admin.token]\n\"§\" = \"file\"",
    "[admin]\ntoken = { env = \"A\", file = \"b\", value = \"§\" }",
    "[admin]\ntokn = \"§\"",
    "[admin]\npassword = \"§\"",
    "[admin.token]\nsecret = \"§\"",
    "admin = \"§\"",
    "admin = [\"§\"]",
    "admin = { token = \"§\", listen = 5 }",
    "admin = { token = \"§\", listen = }",
    "admin.token = \"§\\q\"",
    "admin.token = \"§\"\nadmin.token = \"§\"",
    "[observability.otlp_headers]\nauthorization = \"Bearer §\"",
    "[observability.otlp_headers]\nAuthorization = \"Bearer §\"",
    "[observability.otlp_headers]\nauthorization = Bearer §",
    "[observability]\notlp_headers = \"authorization=§\"",
    "[observability]\notlp_headers = [\"authorization=§\"]",
    "[observability]\notlp_headers = { authorization = \"§\" x = 1 }",
    "[pools.main]\nurl = \"postgres://app:§@db/app\"",
    "[pools.main]\nurl = \"sqlite://app:§@db/app\"",
    "[pools.main]\nurl = \"postgres://app:1/§@db/app\"",
    "[pools.main]\nurl = \"mysql://app:1?§@db/app\"",
    "[pools.main]\nurl = \"mariadb:§@db/app\"",
    "[pools.main]\nurl = \"§\"",
    "[pools.main]\nurl = postgres://app:§@db/app",
    "[pools.main]\nurls = \"postgres://app:§@db/app\"",
    "[pools]\nmain = \"postgres://app:§@db/app\"",
    "pools = \"postgres://app:§@db/app\"",
    "pool = \"postgres://app:§@db/app\"",
    "[pool.main]\nurl = \"postgres://app:§@db/app\"",
    "[observability]\notlp_endpoint = \"http://user:§@collector\"",
    "[observability]\notlp_endpoint = \"http://user:§\\u0040collector\" # §",
    "[observability]\notlp_endpoint = \"user:§@collector\"",
    "[observability]\notlp_endpoint = [\"http://user:§@collector\"]",
    "[observability]\notlp_endpont = \"user:§@collector\"",
    "[observability]\notlp_endpont = \"http://user:§@collector\"",
    "[observability]\nmetrics_host = \"http://user:§@collector\"",
    "[observability]\notlp_endpoint = \"http://user:§@collector",
    "[observability]\notlp_endpoint = http://user:§@collector",
    "[observability]\notlp_endpoint = \"http://user:§@collector\" extra",
    "[observability]\nservice_name = 5 otlp_endpoint = \"http://user:§@collector\"",
    "[probes.checks.web]\nkind = \"http\"\nurl = \"http://user:§@web/health\"",
    "[probes.checks.web]\nkind = \"htp\"\nurl = \"user:§@web/health\"",
    "[probes.checks.web]\nkind = \"tcp\"\naddress = \"tcp://user:§@web:1\"",
    "[probes.checks]\nweb = { kind = \"http\", url = \"https://user:§@web\" }",
    "[pools.main]\nurl = \"sqlite:///var/app.db?mode=rw&password=§\"",
    "[pools.main]\nurl = \"postgres://db/app?sslmode=off&sslPassword=§\"",
    "[pools.main]\nurl = \"sqlite://app:§@db?key=§\"",
    "[observability]\notlp_endpoint = \"http://collector/?password=§\"",
    "[observability]\notlp_endpoint = \"ftp://collector/?a=1;token=§\"",
    "[observability]\notlp_endpoint = \"collector?api_key=§\"",
    "[observability]\notlp_endpoint = [\"http://collector/?%74oken=§\"]",
    "[observability]\notlp_endpoint = \"http://collector/\\u003ftoken=§\\q\"",
    "[observability]\notlp_endpoint = \"http://collector/?token=§",
    "[observability]\notlp_endpont = \"http://collector/?token=§\"",
    "[probes.checks.web]\nkind = \"http\"\nurl = \"http://web/health?token=§\"",
    "[probes.checks.web]\nkind = \"http\"\nurl = \"https://web/health?token=§\"",
    "[probes.checks.web]\nkind = \"http\"\nurl = \"http://web/?token=§\" # §\ncritical = 5",
    "[health.checks.web]\ntoken = \"§\"",
    "[circuit_breakers.a]\npassword = \"§\"",
    "[admin]\ntoken = §\"",
    "[admin]\ntoken = “§”",
    "[admin]\ntoken := \"§\"",
    "[admin] token = \"§\"",
    "[admin]\nlisten \"127.0.0.1:1\" token = \"§\"",
    "[admin]\ntoken = (\"§\")",
    "[admin]\n\"listen\": \"127.0.0.1:9091\", \"token\": \"§\"",
    "[admin]\nlisten: 127.0.0.1:9091, token: §",
    "[admin]\nlisten = \"127.0.0.1:9091\", token: \"§\"",
    "[admin] token §",
    "[admin token §",
    "[admin token §]",
    "[admin, token: \"§\"",
    "[chaos]\nroutes = [\"/a\",\ntoken:\n\"§\"",
    "[chaos]\nroutes = [\"/a\", \"token\": \"§\"]",
    "[admin]\n§]",
    "[pools.main]\nurl = { value = \"§\"\n[limits]\nmode = \"off\"",
    "[pools.main]\nurl = [ \"§\"\n[limits]\nmode = \"off\"",
    "[pools]\nurl = \"postgres://app:§@db\"\nmax_connections = 5",
    "[admin]\ntoken = \"§\"\ntoken = \"§\" # §",
    "{\n  \"admin\": { \"token\": \"§\" }\n}",
    "admin:\n  token: §",
    "<<<<<<< §\n[admin]\ntoken = \"§\"\n=======",
    "[database]\nurl = \"postgres://app:§@db/app\"",
];

/// Variables and `--set` that carry a secret, with the file they need.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("OPS_ADMIN__TOKEN", "§", ""),
    ("OPS_ADMIN__TOKEN", "§\n", ""),
    ("OPS_ADMIN__TOKN", "§", ""),
    ("OPS_ADMIN_TOKEN", "§", ""),
    ("OPS_ADMIN", "§", ""),
    ("OPS_ADMIN", "{ token = \"§\", listen = 5 }", ""),
    ("OPS_ADMIN", "{ token = \"§\"", ""),
    ("OPS_POOLS__MAIN__URL", "postgres://app:§@db", ""),
    ("OPS_POOLS__MAIN", "postgres://app:§@db", ""),
    ("OPS_POOLS", "[\"§\"]", ""),
    ("OPS_OBSERVABILITY__OTLP_HEADERS", "authorization=§", ""),
    ("OPS_OBSERVABILITY__OTLP_HEADERS__AUTHORIZATION", "§\r", ""),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://u:§@collector", ""),
    ("OPS_OBSERVABILITY__OTLP_ENDPOINT", "http://user:§@collector", ""),
    ("OPS_OBSERVABILITY__OTLP_ENDPOINT", "user:§@collector", ""),
    ("OPS_OBSERVABILITY__OTLP_ENDPONT", "http://user:§@collector", ""),
    ("OPS_OBSERVABILITY__METRICS_HOST", "http://user:§@collector", ""),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector/?token=§", ""),
    ("OPS_OBSERVABILITY__OTLP_ENDPOINT", "ftp://collector/?token=§", ""),
    ("OPS_PROBES__CHECKS__WEB__URL", "http://web/?token=§", "[probes.checks.web]\nkind = \"http\""),
    ("OPS_PROBES__CHECKS__WEB__URL", "http://user:§@web", "[probes.checks.web]\nkind = \"http\""),
    ("OPS_PROBES__CHECKS__WEB", "{ kind = \"http\", url = \"http://user:§@web\" }", ""),
    ("OPS_ADMIN__TOKEN", "[\"§\"]", ""),
    ("OPS_ADMIN__TOKEN", "{ value = \"§\" }", ""),
    ("OPS_POOLS", "{ main = { url = \"postgres://app:§@db\" } }", ""),
    ("OPS_POOLS__MAIN__URL", "sqlite:///db?password=§", ""),
    ("OPS_OBSERVABILITY__OTLP_HEADERS", "{ authorization = \"§\", x = [\"§\"] }", ""),
    ("OPS_HEALTH__CHECKS__WEB__URL", "http://u:§@web", ""),
    ("TOKEN", "§", "[admin]\ntoken = { env = \"TOKEN\" }"),
    ("TOKEN", "§\n§", "[admin]\ntoken = { env = \"TOKEN\" }"),
    ("TOKEN", "postgres://app:§@db", "[pools.main]\nurl = { env = \"TOKEN\" }"),
    ("TOKEN", "sqlite://app:§@db", "[pools.main]\nurl = { env = \"TOKEN\" }"),
    ("TOKEN", "§", "[observability.otlp_headers]\nx = { env = \"TOKEN\" }"),
];

/// What else may be wrong, before or after.
const BESIDE: &[&str] = &[
    "",
    "[limits]\nmode = \"of\"",
    "[limits]\nmode = ",
    "[server]\nlisten = \"127.0.0.1:9091\"",
    "[chaos]\nroutes = [\"/a\" \"/b\"]",
    "[shutdown",
    "[reload]\nsettle = \"50ms",
];

/// Keys beside a secret on the same line, each with a value as it may be written.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("listen", "127.0.0.1:9091"),
    ("\"listen\"", "\"127.0.0.1:9091\""),
    ("listen", "\"127.0.0.1:9091"),
    ("listen", "'127.0.0.1:9091'"),
    ("other", "5"),
    ("\"other\"", "[\"a\", b"),
    ("listn", "{ a = 1 }"),
];

/// Lines of `[admin]` with several keys, none of them written as TOML has it: a secret, and others
/// before and behind it.
fn broken_lines() -> impl Strategy<Value = String> {
    let sign = || prop::sample::select(vec![":", ": ", " : ", " ", "", "\t", " = ", "=", " := ", " => "]);
    let between = || prop::sample::select(vec![", ", ",", " ", "; ", "", " | ", "&", " }, {", "], ", "\t"]);
    let neighbour = move || {
        let pair = (prop::sample::select(NEIGHBOURS), sign(), between());
        pair.prop_map(|((key, value), sign, between)| (format!("{key}{sign}{value}"), between))
    };
    let secret = prop::sample::select(vec!["token", "\"token\"", "'token'", "password", "\"password\""]);
    let value = prop::sample::select(vec!["§", "\"§\"", "'§'", "\"§", "§\"", "[\"§\"]", "“§”"]);
    let around = prop::sample::select(vec![("", ""), ("{ ", " }"), ("", ","), ("- ", ""), ("  ", ";")]);
    let others = || prop::collection::vec(neighbour(), 0..3);
    (others(), secret, sign(), value, others(), around).prop_map(|(before, key, sign, value, after, (open, close))| {
        let before: String = before.into_iter().map(|(pair, between)| pair + between).collect();
        let after: String = after.into_iter().map(|(pair, between)| between.to_owned() + &pair).collect();
        format!("{open}{before}{key}{sign}{value}{after}{close}")
    })
}

fn said(sources: &Sources, text: &str) -> String {
    outputs(sources, Texts::from_bytes("ops.toml", text.as_bytes().to_vec()))
}

fn planted() -> impl Strategy<Value = String> {
    // Words, digits, and the signs that texts, lists, comments and addresses are made of.
    prop_oneof![
        "[a-zA-Z]{9,24}",
        "[1-9][0-9]{9,17}",
        "[a-zA-Z0-9]{6}[a-zA-Z0-9 =\\[\\]{},.#:/'@+-]{4,12}[a-zA-Z0-9]{6}",
    ]
}

fn assert_hidden(outputs: &str, secret: &str) -> Result<(), TestCaseError> {
    let shown = shown(outputs, secret);
    prop_assert!(shown.is_none(), "of {secret:?} is shown: {shown:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Feature: production-excellence, Property 25: a secret written in a file is in no message.
    #[test]
    fn a_secret_in_a_file_is_never_shown(
        secret in planted(),
        place in prop::sample::select(IN_FILES),
        before in prop::sample::select(BESIDE),
        after in prop::sample::select(BESIDE),
    ) {
        let place = place.replace('§', &secret);
        let text = if place.starts_with('[') {
            format!("version = 1\n{before}\n{place}\n{after}\n")
        } else {
            format!("version = 1\n{place}\n{before}\n{after}\n")
        };
        assert_hidden(&said(&Sources::from_file("ops.toml"), &text), &secret)?;
    }

    /// Feature: production-excellence, Property 25: a secret among other keys on one line is in no message.
    #[test]
    fn a_secret_on_a_broken_line_is_never_shown(
        secret in "[a-zA-Z]{9,24}|[1-9][0-9]{9,17}",
        lines in prop::collection::vec(broken_lines(), 1..3),
    ) {
        // A line that can be read is no broken line: what is a text's there may be shown.
        let lines = lines.join("\n").replace('§', &secret);
        let text = format!("version = 1\n[admin]\n{lines}\nlisten =\n");
        assert_hidden(&said(&Sources::from_file("ops.toml"), &text), &secret)?;
    }

    /// Feature: production-excellence, Property 25: a secret written in a profile's file is in no message.
    #[test]
    fn a_secret_in_a_profile_is_never_shown(
        secret in planted(),
        place in prop::sample::select(IN_FILES),
        beside in prop::sample::select(BESIDE),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ops.toml");
        std::fs::write(&file, format!("version = 1\n{beside}\n")).unwrap();
        std::fs::write(folder.path().join("ops.live.toml"), place.replace('§', &secret)).unwrap();
        let sources = Sources { profile: Some("live".to_owned()), ..Sources::from_file(file) };
        assert_hidden(&outputs(&sources, sources.read()), &secret)?;
    }

    /// Feature: production-excellence, Property 25: a secret in a variable or on the command line is in no message.
    #[test]
    fn a_secret_from_elsewhere_is_never_shown(
        secret in planted(),
        (name, value, file) in prop::sample::select(ELSEWHERE),
        beside in prop::sample::select(BESIDE),
        by_set in any::<bool>(),
    ) {
        let value = value.replace('§', &secret);
        let mut sources = Sources::from_file("ops.toml");
        match name.strip_prefix("OPS_").filter(|_| by_set) {
            Some(key) => sources.set.push((key.to_lowercase().replace("__", "."), value)),
            None => sources.variables.push((name.to_owned(), value)),
        }
        let text = format!("version = 1\n{beside}\n{file}\n");
        assert_hidden(&said(&sources, &text), &secret)?;
    }
}

#[test]
fn the_property_can_fail() {
    assert!(assert_hidden("level = \"hunter2hunter2\"", "hunter2hunter2").is_err());
    let shown = said(&Sources::from_file("ops.toml"), "version = 1\n[limits]\nmode = \"hunter2hunter2\"\n");
    assert!(shown.contains("hunter2hunter2"), "a value that is no secret is shown");
}
