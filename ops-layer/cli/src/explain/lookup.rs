//! Which key or code was meant.

use ops_config::{
    diagnostic::{nearest, Code, KeyPath, Segment},
    schema::{at, entries, retired, Entry, NAME},
};

/// What was meant.
pub(super) enum Found {
    Code(Code),
    Key(Entry),
    /// Keys that end alike.
    Several(Vec<Entry>),
    /// None of them; what to try instead.
    Nothing(String),
}

const LIST: &str = "`ops explain` lists them";

/// Finds what was meant.
pub(super) fn look_up(asked: &str) -> Found {
    if let Ok(code) = asked.trim().parse() {
        return Found::Code(code);
    }
    let parts = parts(asked);
    let all = entries();
    if let Some(entry) = all.iter().find(|entry| fits(&names(entry), &parts)) {
        return Entry::of(&named(entry.key(), &parts)).map_or_else(|| Found::Key(entry.clone()), Found::Key);
    }
    let mut ends: Vec<Entry> = all.iter().filter(|entry| ends(&names(entry), &parts)).cloned().collect();
    match ends.len() {
        0 => Found::Nothing(hint(&all, &parts)),
        1 => Found::Key(ends.remove(0)),
        _ => Found::Several(ends),
    }
}

/// The names in a key as people write it: dotted, as a table's header, with `=` and a value behind it,
/// or as a variable.
fn parts(asked: &str) -> Vec<String> {
    let asked = asked.split('=').next().unwrap_or_default().trim();
    if asked.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("OPS_")) {
        return asked[4..].to_lowercase().split("__").map(str::to_owned).collect();
    }
    let header = asked.trim_start_matches('[');
    let asked = if header.len() < asked.len() { header.trim_end_matches(']') } else { asked };
    // Which place in a list does not matter.
    let name = |part: &str| part.split('[').next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned();
    asked.split('.').map(name).collect()
}

/// The names in an entry's key; the places in lists, which all are alike, are left out.
fn names(entry: &Entry) -> Vec<&str> {
    let keys = entry.key().segments().iter();
    keys.filter_map(|segment| if let Segment::Key(name) = segment { Some(name.as_str()) } else { None }).collect()
}

fn fits(names: &[&str], parts: &[String]) -> bool {
    let same = |(name, part): (&&str, &String)| *name == part || (*name == NAME && !part.is_empty());
    names.len() == parts.len() && names.iter().zip(parts).all(same)
}

/// Whether a longer key ends so. A name that is free stands for any, but not alone.
fn ends(names: &[&str], parts: &[String]) -> bool {
    let is_longer = names.len() > parts.len();
    is_longer
        && names.last() == parts.last().map(String::as_str).as_ref()
        && fits(&names[names.len() - parts.len()..], parts)
}

/// The key with the names that were asked for in the place of the free ones.
fn named(key: &KeyPath, parts: &[String]) -> KeyPath {
    let is_a_name = |part: &str| part.starts_with(|first: char| first.is_ascii_lowercase());
    let mut parts = parts.iter();
    key.segments().iter().fold(KeyPath::root(), |key, segment| match segment {
        Segment::Index(at) => key.index(*at),
        Segment::Key(name) => {
            let part = parts.next().filter(|part| name == NAME && is_a_name(part));
            key.key(part.unwrap_or(name))
        }
    })
}

/// Of a key that is retired, or one in a table that is: what has its place.
fn replaced(parts: &[String]) -> Option<String> {
    (1..=parts.len()).rev().find_map(|length| {
        let (table, within) = parts.split_at(length);
        let (retired, instead) = retired(&table.iter().map(String::as_str).collect())?;
        // What was in a table need not have the same name now.
        let inner = within.iter().fold(instead.clone(), |key, part| key.key(part));
        let instead = if at(&inner).is_some() { inner } else { instead };
        Some(format!(
            "`{}` is retired since {}: `ops explain {instead}` tells what has its place",
            retired.key, retired.since
        ))
    })
}

/// What may have been meant.
fn hint(all: &[Entry], parts: &[String]) -> String {
    if let Some(replaced) = replaced(parts) {
        return replaced;
    }
    if let [only] = parts {
        let looks_like_a_code = only.len() > 3
            && only.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("ops"))
            && !only.contains('_');
        if looks_like_a_code {
            return format!("codes are {} to {}, and {LIST}", Code::ALL[0], Code::ALL[Code::ALL.len() - 1]);
        }
    }
    let asked = parts.join(".");
    // Word by word: a free name, which fits anything, must not make up for a word that is not near.
    let near = |(name, part): (&&str, &String)| *name == NAME || nearest(part, [*name]).is_some();
    let alike = |entry: &&Entry| names(entry).len() == parts.len() && names(entry).iter().zip(parts).all(near);
    let mut known: Vec<String> = all.iter().filter(alike).map(|entry| named(entry.key(), parts).to_string()).collect();
    if let [_] = parts {
        known.extend(all.iter().filter_map(|entry| names(entry).last().map(|last| (*last).to_owned())));
    }
    if let Some(near) = nearest(&asked, known.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    // As far as it leads.
    let tables = (1..parts.len()).rev().map(|length| &parts[..length]);
    let table = tables.into_iter().find(|parts| all.iter().any(|entry| fits(&names(entry), parts)));
    match table {
        Some(table) => format!("`ops explain {}` tells what there is", table.join(".")),
        None => LIST.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{look_up, Found};
    use ops_config::schema::entries;
    use proptest::prelude::*;

    fn key(asked: &str) -> String {
        match look_up(asked) {
            Found::Key(entry) => entry.key().to_string(),
            Found::Code(code) => code.to_string(),
            Found::Several(entries) => {
                entries.iter().map(|entry| entry.key().to_string()).collect::<Vec<_>>().join(" ")
            }
            Found::Nothing(hint) => format!("- {hint}"),
        }
    }

    #[test]
    fn a_key_is_found_however_people_write_it() {
        for asked in ["limits.mode", "[limits.mode]", "limits.mode = \"off\"", "OPS_LIMITS__MODE", "ops_limits__mode"] {
            assert_eq!(key(asked), "limits.mode", "{asked}");
        }
        for asked in
            ["pools.main.max_connections", "pools.\"main\".max_connections", "OPS_POOLS__MAIN__MAX_CONNECTIONS"]
        {
            assert_eq!(key(asked), "pools.main.max_connections", "{asked}");
        }
        for asked in ["observability.sampling_rules[3].route", "observability.sampling_rules[].route"] {
            assert_eq!(key(asked), "observability.sampling_rules[0].route", "{asked}");
        }
        assert_eq!(key("[[observability.sampling_rules]]"), "observability.sampling_rules");
        for asked in ["pools.NAME.url", "pools.<name>.url", "pools.*.url"] {
            assert_eq!(key(asked), "pools.NAME.url", "{asked}");
        }
    }

    #[test]
    fn the_end_of_a_key_is_enough_where_only_one_ends_so() {
        assert_eq!(key("max_connections"), "pools.NAME.max_connections");
        assert_eq!(key("network.latency"), "chaos.network.latency");
        let modes = "limits.mode limits.adaptive.mode limits.rates.NAME.mode breakers.NAME.mode retries.NAME.mode";
        assert_eq!(key("mode"), modes);
        assert_eq!(key("breakers"), "breakers", "the section goes before");
    }

    #[test]
    fn a_misspelt_one_is_told_what_it_may_have_been() {
        assert_eq!(key("limits.max_inflight"), "- did you mean `limits.max_in_flight`?");
        assert_eq!(key("pools.main.max_conections"), "- did you mean `pools.main.max_connections`?");
        assert_eq!(key("max_conections"), "- did you mean `max_connections`?");
        assert_eq!(key("limits.colour"), "- `ops explain limits` tells what there is");
        assert_eq!(key("limits.mode.colour"), "- `ops explain limits.mode` tells what there is");
        assert!(key("OPS999").starts_with("- codes are OPS001 to OPS"), "{}", key("OPS999"));
        assert_eq!(key(""), "- `ops explain` lists them");
        assert_eq!(key("ops103"), "OPS103");
    }

    #[test]
    fn a_retired_key_is_told_what_has_its_place() {
        for (asked, instead) in [
            ("health", "probes"),
            ("OPS_HEALTH", "probes"),
            ("[circuit_breakers.payments]", "breakers.payments"),
            ("circuit_breakers.payments.no_such_key", "breakers"),
            ("chaos.network.drop_packets", "chaos.network.drop_rate"),
        ] {
            let said = key(asked);
            assert!(said.contains("is retired since 0.1.0: "), "{asked}: {said}");
            assert!(said.contains(&format!("`ops explain {instead}` tells")), "{asked}: {said}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_is_answered(asked in r"\PC{0,12}|(?i:ops)[\PC]{0,4}|[a-zé.\[\]=_]{0,12}") {
            key(&asked);
        }
    }

    #[test]
    fn letters_of_several_bytes_are_no_code() {
        assert_eq!(key("ééé"), "- `ops explain` lists them");
    }

    #[test]
    fn every_key_finds_itself_and_so_does_its_variable() {
        for entry in entries() {
            let shown = entry.key().to_string();
            // The items of a list are told of with the list.
            if shown.ends_with(']') {
                continue;
            }
            assert_eq!(key(&shown), shown);
            if let Some(variable) = entry.variable() {
                assert_eq!(key(&variable).to_lowercase(), shown.to_lowercase());
            }
        }
    }
}
