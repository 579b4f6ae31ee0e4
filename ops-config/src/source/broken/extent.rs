//! How far the value of a key goes in a line whose grammar is broken.
//!
//! What follows a first value may be another key and its secret, whatever stands between them: a
//! comma, a space, a colon, nothing. So a value is one word, in quotes or without, or one list of these; behind it only closing signs belong to it.

const CLOSING: &str = " \t,;\"'“”„‘’«»)]}";

/// How many bytes of a text, from its beginning, are one value of a key that takes a list or not.
pub(super) fn of_value(text: &str, is_list: bool) -> usize {
    let begin = text.len() - text.trim_start().len();
    let value = &text[begin..];
    let end = match value.strip_prefix(['[', '(', '{']) {
        Some(inner) if is_list => 1 + of_elements(inner),
        _ => quantity(value).unwrap_or_else(|| element(value, "[]")),
    };
    with_closing(text, begin + end)
}

/// As [`of_value`], of a line within a list: elements with a comma between each two.
pub(super) fn of_list(text: &str) -> usize {
    with_closing(text, of_elements(text))
}

fn of_elements(text: &str) -> usize {
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', ',']).len();
        at += element(&text[at..], "");
        let rest = text[at..].trim_start();
        if !rest.starts_with(',') {
            return at;
        }
    }
}

/// The end of a value, or the end of the text if only closing signs follow.
fn with_closing(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    if rest.chars().all(|c| CLOSING.contains(c)) {
        return text.len();
    }
    end + rest.len() - rest.trim_start().len()
}

/// One word, in quotes or without.
fn element(text: &str, also: &str) -> usize {
    let Some(quote) = text.chars().next().filter(|c| "\"'“”„‘’«»".contains(*c)) else {
        return word(text, also);
    };
    if let Some(inner) = text.strip_prefix("\"\"\"").or_else(|| text.strip_prefix("'''")) {
        return 3 + word(inner, also);
    }
    let begin = quote.len_utf8();
    let inner = &text[begin..];
    // Also in quotes: where one is missing, the next that is found may be that of another key.
    let end = begin + word(inner, also);
    let closes = |c: char| if quote.is_ascii() { c == quote } else { "“”„‘’«»".contains(c) };
    let close = text[end..].chars().next().filter(|c| closes(*c));
    end + close.map_or(0, char::len_utf8)
}

/// A word without quotes: a number, a name, an address. A `:` is a part of it only before a port,
/// another `:` or `/`, else a key may have stood before it; `also` are signs that are in addresses only.
fn word(text: &str, also: &str) -> usize {
    let is_part = |(at, c): (usize, char)| match c {
        ':' => {
            let rest = &text[at + 1..];
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let is_port = (1..=5).contains(&digits) && !rest[digits..].starts_with(char::is_alphanumeric);
            is_port || rest.starts_with([':', '/'])
        }
        c => c.is_ascii_alphanumeric() || ".-+_/*%~".contains(c) || also.contains(c),
    };
    text.char_indices().find(|found| !is_part(*found)).map_or(text.len(), |(at, _)| at)
}

/// "1,000" and "5 s": a number with commas, or with a unit that stands by itself.
fn quantity(text: &str) -> Option<usize> {
    let grouped = text.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(text.len());
    if text[..grouped].contains(',') && text[grouped..].trim().is_empty() {
        return Some(grouped);
    }
    let (count, rest) = text.split_once(' ')?;
    let unit = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let is_unit = ["ms", "s", "m", "h", "d", "B", "KiB", "MiB", "GiB", "TiB"].contains(&unit);
    (is_unit && count.parse::<f64>().is_ok()).then(|| count.len() + 1 + unit.len())
}

#[cfg(test)]
mod tests {
    use super::{of_list, of_value};

    #[test]
    fn a_value_ends_before_whatever_may_be_another_key() {
        for (line, shown) in [
            (" \"127.0.0.1:1\", token: x", " \"127.0.0.1:1\""),
            (" 127.0.0.1:1, token: x", " 127.0.0.1:1"),
            (" 127.0.0.1:1 token x", " 127.0.0.1:1 "),
            (" 127.0.0.1:1token:x", " 127.0.0.1"),
            (" token:hunter2", " token"),
            (" \"off, token: x", " \"off"),
            (" off\"token\"x", " off"),
            (" [::1]:80", " [::1]:80"),
            (" 5 s", " 5 s"),
            (" 5 s token x", " 5 s "),
            (" “off”;", " “off”;"),
            (" 100 }", " 100 }"),
        ] {
            assert_eq!(&line[..of_value(line, false)], shown, "{line}");
        }
    }

    #[test]
    fn a_list_ends_at_the_first_that_is_no_element() {
        for (line, shown) in [
            ("[\"/a\", '/b', /c/**],", "[\"/a\", '/b', /c/**],"),
            ("(\"/a\",, \"/b\")", "(\"/a\",, \"/b\")"),
            ("[\"/a\", \"token\": \"x\"]", "[\"/a\", \"token\""),
            ("[\"/a\" token \"x\"]", "[\"/a\" "),
            ("[\"/a\"], \"token\": \"x\"", "[\"/a\""),
        ] {
            assert_eq!(&line[..of_value(line, true)], shown, "{line}");
        }
        assert_eq!(of_list("], \"token\": \"x\""), 0);
        assert_eq!(of_list("\"/a\", \"/b\" ]"), 12);
    }
}
