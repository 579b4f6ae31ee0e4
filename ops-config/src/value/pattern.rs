//! Regular expressions for ranges of whole numbers, so that a schema can bound
//! `"250ms"` as exactly as the code does.

/// A pattern (without anchors) that matches the decimal form of every number
/// from `low` to `high`, without leading zeros, and nothing else.
///
/// The range is cut at powers of ten into blocks whose digits are a fixed
/// prefix, one digit range and free digits.
pub(super) fn number_between(low: u64, high: u64) -> String {
    let mut parts = Vec::new();
    let mut start = low;
    while start <= high {
        let end = block_end(start, high);
        parts.push(block(start, end));
        match end.checked_add(1) {
            Some(next) => start = next,
            None => break,
        }
    }
    match parts.len() {
        1 => parts.remove(0),
        _ => format!("(?:{})", parts.join("|")),
    }
}

/// The last number of the largest block that begins at `start`.
fn block_end(start: u64, high: u64) -> u64 {
    let mut end = start;
    let mut power = 1u64;
    loop {
        // All numbers that share the digits before this power: d..9 at this place, free below.
        let Some(next_power) = power.checked_mul(10) else { return end };
        let candidate = start - start % power + (9 - (start / power) % 10) * power + (power - 1);
        let digits_grow = start == 0 && power > 1;
        if start % power != 0 || candidate > high || digits_grow {
            return last_partial(start, high, power, end);
        }
        end = candidate;
        if start % next_power != 0 || start == 0 {
            return end;
        }
        power = next_power;
    }
}

/// At the place where a full run to nine is too long, as many digits as fit.
fn last_partial(start: u64, high: u64, power: u64, reached: u64) -> u64 {
    if start % power != 0 || start == 0 && power > 1 {
        return reached;
    }
    let fits = (high - start + 1) / power;
    if fits == 0 {
        reached
    } else {
        start + fits * power - 1
    }
}

/// The pattern of one block: equal digits, one range, then free digits.
fn block(start: u64, end: u64) -> String {
    let (low, high) = (start.to_string(), end.to_string());
    let mut pattern = String::new();
    let mut free = 0usize;
    for (a, b) in low.chars().zip(high.chars()) {
        if a == b {
            pattern.push(a);
        } else if (a, b) == ('0', '9') {
            free += 1;
        } else {
            pattern.push_str(&format!("[{a}-{b}]"));
        }
    }
    match free {
        0 => {}
        1 => pattern.push_str("[0-9]"),
        n => pattern.push_str(&format!("[0-9]{{{n}}}")),
    }
    pattern
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

#[cfg(test)]
mod tests {
    use super::{number_between, quantity_between};
    use proptest::prelude::*;

    fn matches(pattern: &str, text: &str) -> bool {
        let schema = serde_json::json!({ "pattern": format!("^(?:{pattern})$") });
        jsonschema::is_valid(&schema, &serde_json::json!(text))
    }

    proptest! {
        #[test]
        fn a_range_matches_its_numbers_and_no_others(low in 0u64..5000, width in 0u64..200_000, probe in 0u64..300_000) {
            let high = low + width;
            let pattern = number_between(low, high);
            for n in [probe, low, high, high + 1, low.saturating_sub(1), low / 2, high * 10, (low + high) / 2] {
                prop_assert_eq!(matches(&pattern, &n.to_string()), (low..=high).contains(&n), "{} in {}", n, pattern);
            }
            prop_assert!(!matches(&pattern, "01"));
        }
    }

    #[test]
    fn each_unit_is_bounded_on_its_own() {
        let pattern = quantity_between(10, 3_600_000, &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]);
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
            assert_eq!(matches(&pattern, text), valid, "{text} against {pattern}");
        }
    }
}
