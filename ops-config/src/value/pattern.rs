//! Regular expressions for ranges of whole numbers and for addresses, so that a
//! schema can bound `"250ms"` as exactly as the code does.

/// A pattern (without anchors) that matches the decimal form of every number
/// from `low` to `high`, without leading zeros, and nothing else.
pub(super) fn number_between(low: u64, high: u64) -> String {
    let mut alternatives = Vec::new();
    if low == 0 {
        alternatives.push("0".to_owned());
    }
    // Lengths of which every number is in the range, written as one alternative at the end of a run.
    let mut whole: Option<(usize, usize)> = None;
    let flush = |whole: &mut Option<(usize, usize)>, alternatives: &mut Vec<String>| {
        if let Some((first, last)) = whole.take() {
            alternatives.push(format!("[1-9]{}", free(first - 1, last - 1)));
        }
    };
    for length in digits(low.max(1))..=digits(high) {
        let (smallest, largest) = ("1".to_owned() + &"0".repeat(length - 1), "9".repeat(length));
        let from = if length == digits(low.max(1)) { low.max(1).to_string() } else { smallest.clone() };
        let to = if length == digits(high) { high.to_string() } else { largest.clone() };
        if from > to {
            continue;
        }
        if (&from, &to) == (&smallest, &largest) {
            whole = Some((whole.map_or(length, |(first, _)| first), length));
        } else {
            flush(&mut whole, &mut alternatives);
            alternatives.push(same_length(&from, &to));
        }
    }
    flush(&mut whole, &mut alternatives);
    group(&alternatives)
}

fn digits(number: u64) -> usize {
    number.to_string().len()
}

/// Numbers of as many digits as both bounds have: those that begin like `low`,
/// those between, those that begin like `high`.
fn same_length(low: &str, high: &str) -> String {
    let (Some(a), Some(b)) = (low.bytes().next(), high.bytes().next()) else { return String::new() };
    let (low, high) = (&low[1..], &high[1..]);
    let (first, last) = (char::from(a), char::from(b));
    if a == b {
        return format!("{first}{}", same_length(low, high));
    }
    let (from_zeros, to_nines) = (low.bytes().all(|digit| digit == b'0'), high.bytes().all(|digit| digit == b'9'));
    let mut alternatives = Vec::new();
    if !from_zeros {
        alternatives.push(format!("{first}{}", same_length(low, &"9".repeat(low.len()))));
    }
    let (from, to) = (a + u8::from(!from_zeros), b - u8::from(!to_nines));
    if from <= to {
        alternatives.push(format!("{}{}", digit_between(from, to), free(low.len(), low.len())));
    }
    if !to_nines {
        alternatives.push(format!("{last}{}", same_length(&"0".repeat(high.len()), high)));
    }
    group(&alternatives)
}

fn digit_between(from: u8, to: u8) -> String {
    let (from, to) = (char::from(from), char::from(to));
    if from == to {
        from.to_string()
    } else {
        format!("[{from}-{to}]")
    }
}

/// From `min` to `max` digits of any value.
fn free(min: usize, max: usize) -> String {
    match (min, max) {
        (0, 0) => String::new(),
        (1, 1) => "[0-9]".to_owned(),
        (min, max) if min == max => format!("[0-9]{{{min}}}"),
        (0, 1) => "[0-9]?".to_owned(),
        (min, max) => format!("[0-9]{{{min},{max}}}"),
    }
}

fn group(alternatives: &[String]) -> String {
    match alternatives {
        [only] => only.clone(),
        _ => format!("(?:{})", alternatives.join("|")),
    }
}

/// Alternatives of `number` + unit, for every unit in which the range holds a
/// whole number. `units` are (suffix, size), smallest first.
pub(super) fn quantity_between(low: u64, high: u64, units: &[(&str, u64)]) -> String {
    let alternatives: Vec<String> = units
        .iter()
        .filter_map(|(suffix, size)| {
            let (first, last) = (low.div_ceil(*size), high / size);
            (first <= last).then(|| format!("{}{suffix}", number_between(first, last)))
        })
        .collect();
    format!("^(?:{})$", alternatives.join("|"))
}

/// An IPv4 address in four decimal parts.
pub(super) fn ipv4() -> String {
    let octet = number_between(0, 255);
    format!("{octet}(?:\\.{octet}){{3}}")
}

/// What looks like an IPv6 address. The exact grammar takes a page: the format beside it holds that.
pub(super) const IPV6: &str = "[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*";

/// A host to connect to: a name, an IPv4 address, or an IPv6 address in brackets.
pub(super) fn host() -> String {
    format!("(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,252}}[A-Za-z0-9])?|\\[{IPV6}\\])")
}

/// A port without leading zeros.
pub(super) fn port() -> String {
    number_between(0, 65_535)
}

#[cfg(test)]
mod tests {
    use super::{number_between, quantity_between};
    use proptest::prelude::*;

    fn matcher(pattern: &str) -> impl Fn(&str) -> bool {
        let schema = serde_json::json!({ "pattern": format!("^(?:{pattern})$") });
        let validator = jsonschema::validator_for(&schema).unwrap();
        move |text| validator.is_valid(&serde_json::json!(text))
    }

    proptest! {
        #[test]
        fn a_range_matches_its_numbers_and_no_others(
            a in any::<u64>(), b in any::<u64>(), shifts in (0u32..64, 0u32..64), probe in any::<u64>(),
        ) {
            let (low, high) = ((a >> shifts.0).min(b >> shifts.1), (a >> shifts.0).max(b >> shifts.1));
            let pattern = number_between(low, high);
            let matches = matcher(&pattern);
            let near = [low, high, high.saturating_add(1), low.saturating_sub(1), low / 2, high.saturating_mul(10)];
            for n in near.into_iter().chain([probe, probe >> shifts.0, low / 2 + high / 2]) {
                prop_assert_eq!(matches(&n.to_string()), (low..=high).contains(&n), "{} in {}", n, pattern);
            }
            let leading_zero = format!("0{low}");
            prop_assert!(!matches(&leading_zero));
            prop_assert!(!matches(""));
        }
    }

    #[test]
    fn a_range_is_written_as_shortly_as_a_person_would() {
        assert_eq!(number_between(1, 600_000), "(?:[1-9][0-9]{0,4}|(?:[1-5][0-9]{5}|600000))");
        assert_eq!(number_between(0, 9), "(?:0|[1-9])");
        assert_eq!(number_between(7, 7), "7");
    }

    #[test]
    fn each_unit_is_bounded_on_its_own() {
        let pattern = quantity_between(10, 3_600_000, &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]);
        let matches = matcher(&pattern);
        for (text, valid) in [
            ("10ms", true),
            ("9ms", false),
            ("0s", false),
            ("1s", true),
            ("3600s", true),
            ("3601s", false),
            ("60m", true),
            ("1h", true),
            ("2h", false),
        ] {
            assert_eq!(matches(text), valid, "{text} against {pattern}");
        }
    }
}
