//! "Did you mean": the nearest of the words that would have been right.

/// So many words are a sentence; of more, only how many there are.
const MAX_LISTED: usize = 16;

/// The word that was probably meant. None when nothing is near enough to be more than a guess.
#[must_use]
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word);
    let length = word.chars().count();
    // A third of the letters may be wrong: beyond that, words of another meaning come near.
    let bound = (length / 3).max(1);
    // Words differ at least by the difference of their lengths, which is counted much faster.
    let comparable = known.into_iter().filter(|known| known.chars().count().abs_diff(length) <= bound);
    let distance = |known: &'w str| (strsim::damerau_levenshtein(&word, &plain(known)), known);
    let (distance, known) = comparable.map(distance).min_by_key(|(distance, _)| *distance)?;
    (distance <= bound).then_some(known)
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
