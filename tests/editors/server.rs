//! The language servers: what a person sees while typing.

use crate::{
    client::Client,
    editor::Editor,
    fault::FAULTS,
    lint::{root, with_schema},
};
use std::{fs, path::Path};
use tempfile::TempDir;

fn opened(editor: Editor, program: &Path) -> (TempDir, Client) {
    let home = TempDir::new().expect("a temporary folder");
    let client = Client::start(&mut editor.server(program, home.path()), home.path()).expect("a server");
    (home, client)
}

fn labels(offered: &[(String, String)]) -> Vec<&str> {
    offered.iter().map(|(label, _)| label.as_str()).collect()
}

pub(crate) fn keys_are_completed(editor: Editor, program: &Path) {
    let (_home, mut client) = opened(editor, program);
    for (text, keys) in [
        ("version = 1\n[limits]\n‸\n", ["request_timeout", "max_in_flight", "mode"].as_slice()),
        ("version = 1\n[limits]\nmax‸\n", &["max_in_flight"]),
        ("version = 1\n[pools.main]\n‸\n", &["url", "min_connections", "max_lifetime"]),
        ("version = 1\n[chaos.network]\n‸\n", &["latency", "jitter", "partition"]),
        ("version = 1\n[probes.checks.db]\nkind = \"disk\"\n‸\n", &["path", "min_free", "groups"]),
    ] {
        let offered = client.complete(&with_schema(text));
        for key in keys {
            assert!(labels(&offered).contains(key), "{text}: {:?}", labels(&offered));
        }
        let explained = offered.iter().any(|(label, said)| label == keys[0] && !said.trim().is_empty());
        assert!(explained, "{text}: {} is offered without a word", keys[0]);
    }
}

pub(crate) fn words_are_completed(editor: Editor, program: &Path) {
    let (_home, mut client) = opened(editor, program);
    for (text, words, said) in [
        ("version = 1\n[limits]\nmode = \"‸\"\n", ["off", "observe", "enforce"].as_slice(), "Refuses."),
        ("version = 1\n[chaos]\nintensity = \"‸\"\n", &["low", "medium", "high"], "50 %."),
        ("version = 1\n[observability.logging]\nformat = \"‸\"\n", &["json", "pretty"], "For people."),
    ] {
        let offered = client.complete(&with_schema(text));
        for word in words {
            assert!(labels(&offered).contains(word), "{text}: {:?}", labels(&offered));
        }
        let last = words[words.len() - 1];
        let (_, known) = offered.iter().find(|(label, _)| label == last).expect("it was offered");
        assert!(known.contains(said), "{text}: {known:?}");
    }
}

/// Meaning, unit and range, what a reload does, default: nothing of it may be lost on the way.
pub(crate) fn keys_are_explained(editor: Editor, program: &Path) {
    let (_home, mut client) = opened(editor, program);
    for (text, said) in [
        (
            "version = 1\n[limits]\nmax_in‸_flight = 10\n",
            ["Requests taken on at once", "Count, 1 to 1000000", "Reload: admission follows", "Default: `1024`"]
                .as_slice(),
        ),
        (
            "version = 1\n[limits]\nmo‸de = \"off\"\n",
            &[
                "What these limits do.",
                "`\"observe\"`: Counts what it would refuse",
                "Reload:",
                "Default: `\"enforce\"`",
            ],
        ),
        ("version = 1\n[limits]\nmode = \"obs‸erve\"\n", &["Counts what it would refuse, and lets it pass."]),
        (
            "version = 1\n[breakers.payments]\nreset_ti‸meout = \"1s\"\n",
            &["How long the circuit stays open", "Time, 10ms to 1h", "Default: `\"30s\"`"],
        ),
        (
            "version = 1\n[breakers.payments]\nfailure‸_rate = { threshold = 0.5, window = \"1s\", min_calls = 1 }\n",
            &["Opens the circuit also when too large a share of recent calls failed.", "Reload:"],
        ),
        ("version = 1\n[admin]\nto‸ken = \"hunter2\"\n", &["`Authorization: Bearer …`", "Secret."]),
        ("version = 1\n[pools.main]\nu‸rl = \"sqlite:a\"\n", &["Which database.", "Default: `\"sqlite::memory:\"`"]),
        ("version = 1\n[shut‸down]\ntimeout = \"1s\"\n", &["How the process ends"]),
    ] {
        let shown = client.hover(&with_schema(text));
        for words in said {
            assert!(shown.contains(words), "{text}: {words:?} is not in {shown:?}");
        }
    }
}

pub(crate) fn faults_are_underlined(editor: Editor, program: &Path) {
    let (_home, mut client) = opened(editor, program);
    for fault in FAULTS.iter().filter(|fault| fault.missed.iter().all(|(name, _)| *name != editor.name)) {
        let lines = [Some(fault.line()), fault.kind_line()].map(|line| line.and_then(|line| u64::try_from(line).ok()));
        client.open(&with_schema(fault.text));
        client.complains(fault.what, |complaints| complaints.iter().any(|(at, _)| lines.contains(&Some(*at))));
    }
    let sample = fs::read_to_string(root().join("config/ops.toml")).expect("the sample");
    let (_, sample) = sample.split_once('\n').expect("lines");
    client.open(&with_schema(&format!("{sample}no_such_key = 1\n")));
    client.complains("a spoilt sample", |complaints| !complaints.is_empty());
    client.change(&with_schema(sample));
    client.complains("the sample mended", <[_]>::is_empty);
}
