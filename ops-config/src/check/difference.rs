//! What differs between two configurations, key by key.

use super::{left_out::LeftOut, Checked};
use crate::{diagnostic::KeyPath, schema::Entry, value::Secret};
use serde_json::{json, Value};
use std::collections::BTreeMap;

/// One key that is not the same in two configurations. Secrets are masked.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The key; of a table or an entry of a table that only one of them has, the whole of it.
    pub key: KeyPath,
    /// What it was, defaults included; none where it was not there.
    pub from: Option<Value>,
    /// What it becomes; none where it goes.
    pub to: Option<Value>,
}

impl Difference {
    /// Whether both are shown alike: a secret that changed behind its mask or its reference.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.from == self.to
    }

    /// What a reload does about it, as the documentation of the key has it; of a key that says
    /// nothing itself, that of the nearest table which does.
    #[must_use]
    pub fn effect(&self) -> Option<&'static str> {
        let mut keys = std::iter::successors(Some(self.key.clone()), KeyPath::parent);
        keys.find_map(|key| Entry::of(&key)?.reload())
    }

    /// Everything that a person would read, for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "key": self.key.to_string(),
            "from": self.from,
            "to": self.to,
            "hidden": self.is_hidden(),
            "effect": self.effect(),
        })
    }
}

/// What `new` has otherwise than `old`, in the order of the document; secrets are compared by what they are.
#[must_use]
pub fn differences(old: &Checked, new: &Checked) -> Vec<Difference> {
    let mut found = differences_shown(old.value(), new.value());
    let before = secrets(old);
    let changed = secrets(new).into_iter().filter(|(key, secret)| before.get(key).is_some_and(|was| was != secret));
    // Each key is looked up, not compared with all: there may be thousands of secrets.
    let mut told: LeftOut = found.iter().map(|difference| difference.key.clone()).collect();
    for (key, _) in changed {
        if !told.touches(&key) {
            let shown = |checked: &Checked| key.find(checked.value()).cloned();
            told.insert(key.clone());
            found.push(Difference { from: shown(old), to: shown(new), key });
        }
    }
    found
}

/// As [`differences`], of two documents as [`Checked::value`] shows them: of a secret in place only the mask is seen.
#[must_use]
pub fn differences_shown(old: &Value, new: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&KeyPath::root(), Some(old), Some(new), &mut found);
    found
}

fn compare(key: &KeyPath, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Difference>) {
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            for (name, value) in new {
                compare(&key.key(name), said(old.get(name)), said(Some(value)), found);
            }
            for (name, value) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
                compare(&key.key(name), said(Some(value)), None, found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if of_tables(old) && of_tables(new) => {
            for at in 0..old.len().max(new.len()) {
                compare(&key.index(at), old.get(at), new.get(at), found);
            }
        }
        (old, new) if old == new => {}
        (old, new) => found.push(Difference { key: key.clone(), from: old.cloned(), to: new.cloned() }),
    }
}

/// What is not set is not there.
fn said(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

fn of_tables(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(Value::is_object)
}

/// What is not shown, or not all of it: an address may have a secret in its query.
fn secrets(checked: &Checked) -> BTreeMap<KeyPath, Secret> {
    let mut config = checked.config().clone();
    let urls = checked.config().http_urls().map(|(key, url)| (key.into_iter().collect(), Secret::inline(url)));
    let secrets = config.secrets_mut().map(|(key, secret)| (key.into_iter().collect(), secret.clone()));
    secrets.chain(urls).collect()
}

#[cfg(test)]
mod tests {
    use super::{differences, Checked};
    use crate::{
        check::check,
        source::{Sources, Texts},
    };
    use proptest::{prelude::*, sample::subsequence};

    fn checked(text: &str) -> Checked {
        let text = format!("version = 1\n{text}").into_bytes();
        let texts = Texts::from_bytes("ops.toml", text).unwrap_or_else(|report| panic!("{report}"));
        check(&Sources::from_file("ops.toml"), &texts).unwrap_or_else(|report| panic!("{report}"))
    }

    /// One line each: key, before, after; "~" where a secret is behind both.
    fn shown(old: &str, new: &str) -> Vec<String> {
        let line = |value: &Option<serde_json::Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
        let found = differences(&checked(old), &checked(new));
        let lines = found.iter().map(|difference| {
            let hidden = if difference.is_hidden() { " ~" } else { "" };
            format!("{} {} {}{hidden}", difference.key, line(&difference.from), line(&difference.to))
        });
        lines.collect()
    }

    #[test]
    fn a_key_a_table_and_an_element_are_told_each_at_its_level() {
        let rule = |rate| format!("[[observability.sampling_rules]]\nroute = \"/a\"\nsampling_rate = {rate}\n");
        assert_eq!(shown("limits.max_in_flight = 8\n", "limits.max_in_flight = 9\n"), ["limits.max_in_flight 8 9"]);
        assert_eq!(shown(&rule(0.5), &rule(1.0)), ["observability.sampling_rules[0].sampling_rate 0.5 1.0"]);
        assert_eq!(shown("[admin]\ntoken = \"a\"\n", ""), ["admin.token \"********\" -"]);
        let pool = "[pools.main]\nurl = \"sqlite::memory:\"\n";
        assert!(matches!(shown("", pool).as_slice(), [only] if only.starts_with("pools.main - {")));
    }

    #[test]
    fn a_default_that_is_written_out_is_no_difference() {
        assert_eq!(shown("", "reload.settle = \"50ms\"\n# said\n"), Vec::<String>::new());
    }

    #[test]
    fn a_secret_that_changed_is_told_and_not_shown() {
        assert_eq!(
            shown("admin.token = \"old\"\n", "admin.token = \"new\"\n"),
            ["admin.token \"********\" \"********\" ~"]
        );
        let url = |token: &str| format!("observability.otlp_endpoint = \"http://c/?token={token}\"\n");
        let masked = r#""http://c/?token=********""#;
        let told = format!("observability.otlp_endpoint {masked} {masked} ~");
        assert_eq!(shown(&url("old"), &url("new")), [told]);
        assert_eq!(shown(&url("old"), &url("old")), Vec::<String>::new());
    }

    #[test]
    fn what_a_reload_does_is_that_of_the_key_or_of_the_nearest_table() {
        let found = differences(&checked(""), &checked("limits.max_in_flight = 9\n"));
        assert!(found[0].effect().is_some_and(|effect| effect.contains("request")), "{found:?}");
        // Whoever reads the history of a graph that fell to zero finds why.
        let found = differences(&checked(""), &checked("observability.latency_buckets = [1.0]\n"));
        assert!(found[0].effect().is_some_and(|effect| effect.contains("starts anew")), "{found:?}");
    }

    const LINES: [&str; 7] = [
        "limits.max_in_flight = 9\n",
        "admin.token = \"x\"\n",
        "probes.interval = \"7s\"\n",
        "pools.main.url = \"sqlite::memory:\"\n",
        "breakers.b.failure_threshold = 2\n",
        "chaos.seed = 5\n",
        "observability.otlp_endpoint = \"http://c/?key=x\"\n",
    ];

    proptest! {
        #[test]
        fn two_configurations_differ_where_they_are_not_the_same(
            old in subsequence(LINES.as_slice(), 0..=7),
            new in subsequence(LINES.as_slice(), 0..=7),
        ) {
            let (before, after) = (checked(&old.concat()), checked(&new.concat()));
            let found = differences(&before, &after);
            prop_assert_eq!(found.is_empty(), before.same_as(&after));
            let changed = LINES.iter().filter(|line| old.contains(line) != new.contains(line)).count();
            prop_assert_eq!(found.len(), changed);
        }
    }
}
