//! What someone new to TOML or to these keys types, and what they read then. Each must be mended
//! from its message alone.
//!
//! After a change on purpose: `INSTA_UPDATE=always cargo test -p ops-config --test typos`, and read
//! the difference as if you had made the mistake.

use insta::assert_snapshot;
use ops_config::{
    check::check,
    source::{Sources, Texts},
};

/// Each file with what is said of it.
fn messages(files: &[&str]) -> String {
    let message = |file: &&str| {
        let texts = Texts::from_bytes("ops.toml", file.as_bytes().to_vec());
        let report = texts.and_then(|texts| check(&Sources::from_file("ops.toml"), &texts)).expect_err(file);
        format!("{report}\n")
    };
    files.iter().map(message).collect::<Vec<_>>().join("\n--------\n\n")
}

#[test]
fn quotes() {
    assert_snapshot!(messages(&[
        "version = 1\n[limits]\nmode = off\n",
        "version = 1\n[limits]\nmode = \"off\n[server]\nlisten = \"127.0.0.1:8080\"\n",
        "version = 1\n[limits]\nmode = off\"\n",
        "version = 1\n[limits]\nmode = \"off'\n",
        "version = 1\n[limits]\nmode = “off”\nrequest_timeout = \"5s\"\n",
        "version = 1\n[limits]\nmode = ‘off’\n",
        "version = 1\n[server]\nlisten = 127.0.0.1:8080\n",
        "version = 1\n[limits]\nrequest_timeout = 30s\n",
        "version = 1\n[limits]\nrequest_timeout = 5 s\n",
        "version = 1\n[pools.main]\nurl = sqlite::memory:\n",
        "version = 1\n[chaos]\nroutes = [/pay/**]\nenvironments = [test, \"staging\"]\n",
        "version = 1\n[observability.logging]\nlevel = \"info\"\"\n",
        "version = 1\n[probes.checks.disk]\nkind = \"disk\"\npath = \"C:\\data\"\nmin_free = \"1GiB\"\n",
        "version = 1\n[pools.main]\nurl = \"\"\"sqlite::memory:\n",
    ]));
}

#[test]
fn assignments() {
    assert_snapshot!(messages(&[
        "version = 1\n[limits]\nmax_in_flight 100\n",
        "version = 1\n[limits]\nmax_in_flight: 100\n",
        "version = 1\n[limits]\nmax_in_flight := 100\n",
        "version = 1\n[limits]\nmax_in_flight == 100\n",
        "version = 1\n[limits]\nmax_in_flight =\nmode = \"off\"\n",
        "version = 1\n[limits]\nmax_in_flight\n",
        "version = 1\n[limits]\n= 100\n",
        "version = 1\n[limits]\nmax_in_flight = 100;\n",
        "version = 1\n[limits]\nmax_in_flight = 100,\nmode = \"off\",\n",
        "version = 1\n[limits]\nmax_in_flight = 100 mode = \"off\"\n",
        "version = 1\n[limits]\nmax in flight = 100\n",
        "version = 1 // the format\n",
        "version = 1\n// [limits]\n/* mode */\n-- mode\n",
        "version: 1\nlimits:\n  max_in_flight: 100\n",
        "{\n  \"version\": 1,\n  \"limits\": { \"max_in_flight\": 100 }\n}\n",
        "version = 1\n[limits]\nset max_in_flight = 100\n",
        "version = 1\n<<<<<<< HEAD\n[limits]\nmax_in_flight = 100\n=======\n[limits]\nmax_in_flight = 200\n>>>>>>> main\n",
    ]));
}

#[test]
fn values() {
    assert_snapshot!(messages(&[
        "version = 1\n[limits]\nmax_in_flight = 1,000\n",
        "version = 1\n[limits]\nmax_in_flight = 1.000.000\n",
        "version = 1\n[limits]\nmax_in_flight = 0100\n",
        "version = 1\n[limits]\nmax_in_flight = \"100\"\n",
        "version = 1\n[limits]\nmax_in_flight = 1k\n",
        "version = 1\n[chaos]\nenabled = True\n",
        "version = 1\n[chaos]\nenabled = yes\n",
        "version = 1\n[chaos]\nenabled = \"true\"\n",
        "version = 1\n[chaos]\nenabled = 1\n",
        "version = 1\n[observability]\nsampling_rate = 10%\n",
        "version = 1\n[observability]\nsampling_rate = .5\n",
        "version = 1\n[observability]\nsampling_rate = 50\n",
        "version = 1\n[observability]\nsampling_rate = 0,5\n",
        "version = 1\n[observability]\notlp_endpoint = null\n",
        "version = 1\n[limits]\nrequest_timeout = 30\n",
        "version = 1\n[limits]\nrequest_timeout = \"30\"\n",
        "version = 1\n[limits]\nrequest_timeout = \"5 s\"\n",
        "version = 1\n[limits]\nrequest_timeout = \"5sec\"\n",
        "version = 1\n[limits]\nrequest_timeout = \"1.5s\"\n",
        "version = 1\n[limits]\nrequest_timeout = \"0s\"\n",
        "version = 1\n[limits]\nmode = \"Off\"\n",
        "version = 1\n[limits]\nmode = \"disabled\"\n",
        "version = 1\n[probes.checks.d]\nkind = \"disk\"\npath = \"/\"\nmin_free = \"1GB\"\n",
        "version = 1\n[chaos]\nroutes = \"/**\"\n",
        "version = 1\n[server]\nlisten = 8080\n",
        "version = 1\n[server]\nlisten = \"8080\"\n",
        "version = 1\n[server]\nlisten = \":8080\"\n",
        "version = 1\n[server]\nlisten = \"localhost:8080\"\n",
    ]));
}

#[test]
fn tables_and_lists() {
    assert_snapshot!(messages(&[
        "version = 1\n[limits\nmode = \"off\"\n",
        "version = 1\nlimits]\nmode = \"off\"\n",
        "version = 1\n[[pools.main]]\nurl = \"sqlite::memory:\"\n",
        "version = 1\n[observability.sampling_rules]\nroute = \"/**\"\nsampling_rate = 1.0\n",
        "version = 1\n[pools]\nurl = \"sqlite::memory:\"\nmax_connections = 5\n",
        "version = 1\n[[pools]]\nname = \"main\"\nurl = \"sqlite::memory:\"\n",
        "version = 1\n[pools.main]\nurl = \"sqlite::memory:\"\n[pools.main]\nmax_connections = 5\n",
        "version = 1\n[limits]\nmode = \"off\"\nmode = \"observe\"\n",
        "version = 1\nlimits.mode = \"off\"\n[limits]\nmax_in_flight = 5\n",
        "version = 1\n[limits]\nmode = \"off\"\nsampling_rate = 0.5\n",
        "version = 1\n[logging]\nlevel = \"info\"\n",
        "version = 1\n[breakers.payments]\nroutes = [\"/pay/**\"\n\n[limits]\nmode = \"off\"\n",
        "version = 1\n[breakers.payments]\nroutes = [\"/pay/**\" \"/p\"]\n",
        "version = 1\n[breakers.payments]\nroutes = [\"/pay/**\",, \"/p\"]\n",
        "version = 1\n[breakers.payments]\nroutes = (\"/pay/**\")\n",
        "version = 1\n[breakers.payments]\nroutes = {\"/pay/**\"}\n",
        "version = 1\n[breakers.payments]\nfailure_rate = { threshold = 0.5, window = \"10s\"\nreset_timeout = \"1s\"\n",
        "version = 1\n[breakers.payments]\nfailure_rate = { threshold: 0.5, window: \"10s\" }\n",
        "version = 1\n[breakers.payments]\nfailure_rate = 0.5\n",
        "version = 1\n[breakers payments]\nreset_timeout = \"1s\"\n",
        "version = 1\n[]\nmode = \"off\"\n",
        "version = 1\n[limits] mode = \"off\"\n",
        "version = 1\n[breakers.]\n",
        "version = 1\n[limits.mode]\nvalue = \"off\"\n",
        "[limits]\nmode = \"off\"\nversion = 1\n",
    ]));
}

#[test]
fn characters_that_cannot_be_seen() {
    assert_snapshot!(messages(&[
        "version = 1\n[limits]\n\u{a0}mode = \"off\"\n",
        "version\u{a0}= 1\n",
        "version = 1\n[limits]\nmode\u{200b} = \"off\"\n",
        "version = 1\n[limits]\nmode = \"o\tff\"\n",
        "version = 1\n[limits]\nmode = \"off\u{0}\"\n",
        "version = 1\n\u{0}\n",
        "version = 1 # a \u{7} bell\n",
        "version = 1\rlimits.mode = \"off\"\r",
    ]));
}

#[test]
fn names_and_references() {
    assert_snapshot!(messages(&[
        "version = 1\n[admin]\ntoken = { enviroment = \"TOKEN\" }\n",
        "version = 1\n[admin]\ntoken = { env = TOKEN }\n",
        "version = 1\n[admin]\ntoken = \"${TOKEN}\"\nlisten = 5\n",
        "version = 1\n[admin]\ntoken = { env = \"ADMIN_TOKN\" }\n",
        "version = 1\n[admin]\ntoken.env = \"A\"\ntoken.file = \"/b\"\n",
        "version = 1\n[pools.main]\n[probes.checks.db]\nkind = \"pool\"\npool = \"mian\"\n",
        "version = 1\n[pools.main]\n[probes.checks.db]\nkind = \"pol\"\npool = \"main\"\n",
        "version = 1\n[pools.main]\n[probes.checks.db]\ntype = \"pool\"\npool = \"main\"\n",
        "version = 1\n[pools.main]\n[probes.checks.db]\nkind = \"pool\"\npool = \"main\"\ngroup = [\"readyness\"]\n",
        "version = 1\n[pools.Main]\nurl = \"sqlite::memory:\"\n",
        "version = 1\n[pool.main]\nurl = \"sqlite::memory:\"\n",
        "version = 1\n[pools.main]\nurl = \"mssql://db/app\"\n",
        "version = 1\n[breakers.a]\nfailure-threshold = 5\nresetTimeout = \"5s\"\nhalf_open_max_call = 5\n",
    ]));
}
