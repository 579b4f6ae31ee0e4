//! "Did you mean": the nearest of the words that would have been right.

/// So many words are a sentence; of more, only how many there are.
const MAX_LISTED: usize = 16;

/// The word that was probably meant. None when nothing is near enough to be more than a guess.
#[must_use]
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word);
    // A third of the letters may be wrong: beyond that, words of another meaning come near.
    let bound = (word.chars().count() / 3).max(1);
    let comparable = known.into_iter().filter(|known| at_least(&word, known) <= bound);
    let distance = |known: &'w str| (strsim::damerau_levenshtein(&word, &plain(known)), known);
    let (distance, known) = comparable.map(distance).min_by_key(|(distance, _)| *distance)?;
    (distance <= bound).then_some(known)
}

/// How many letters of two words differ at least, whatever their order. To count that is so much
/// faster than to measure the distance that thousands of misspelt keys are no matter.
fn at_least(word: &str, known: &str) -> usize {
    let mut more = [0i32; 64];
    let place =
        |c: char| usize::try_from(u32::from(if c == '-' { '_' } else { c.to_ascii_lowercase() }) % 64).unwrap_or(0);
    word.chars().for_each(|c| more[place(c)] += 1);
    known.chars().for_each(|c| more[place(c)] -= 1);
    let of_word: i32 = more.iter().filter(|count| **count > 0).sum();
    let of_known: i32 = -more.iter().filter(|count| **count < 0).sum::<i32>();
    usize::try_from(of_word.max(of_known)).unwrap_or(0)
}

/// Words as the end of a sentence: `a`, `b` or `c`.
pub(crate) fn alternatives<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let mut words = words.into_iter().map(|word| format!("`{word}`"));
    let mut listed: Vec<String> = words.by_ref().take(MAX_LISTED).collect();
    match words.count() {
        0 => {}
        more => listed.push(format!("one of {more} more")),
    }
    match listed.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{alternatives, at_least, nearest};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_counted_is_never_more_than_the_distance(one in "[a-eA-E_-]{0,9}|\\PC{0,6}", other in "[a-eA-E_-]{0,9}|\\PC{0,6}") {
            let plain = |text: &str| text.to_lowercase().replace('-', "_");
            prop_assert!(at_least(&plain(&one), &plain(&other)) <= strsim::damerau_levenshtein(&plain(&one), &plain(&other)));
        }
    }

    #[test]
    fn the_nearest_of_many_is_found_and_a_long_list_is_cut() {
        let names: Vec<String> = (0..100).map(|n| format!("pool-{n}")).collect();
        let names = || names.iter().map(String::as_str);
        assert_eq!(nearest("pol-42", names()), Some("pool-42"));
        assert_eq!(nearest("MAX_INFLIGHT", ["mode", "max_in_flight"]), Some("max_in_flight"));
        assert_eq!(nearest("database", names()), None);
        assert!(alternatives(names()).ends_with("`pool-15` or one of 84 more"));
        assert_eq!(alternatives(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
