//! "Did you mean": the nearest of the words that would have been right.

/// The word that was probably meant. None when nothing is near enough to be more than a guess.
pub(crate) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word);
    // A third of the letters may be wrong: beyond that, words of another meaning come near.
    let bound = (word.chars().count() / 3).max(1);
    let distance = |known: &'w str| (strsim::damerau_levenshtein(&word, &plain(known)), known);
    let (distance, known) = known.into_iter().map(distance).min_by_key(|(distance, _)| *distance)?;
    (distance <= bound).then_some(known)
}

/// Words as the end of a sentence: `a`, `b` or `c`.
pub(crate) fn alternatives<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}
