//! What an expression of Prometheus asks for: names of metrics, and of labels.
//!
//! Read by shape, not by grammar: Prometheus itself says whether an expression can be evaluated,
//! but it takes a metric that does not exist for one that has no points.

use std::{iter::Peekable, str::Chars};

/// Words that stand before a list of labels.
const GROUPING: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
/// Other words that are no metrics: operators, and aggregations, whose parenthesis may come after a list of labels.
const WORDS: [&str; 10] = ["and", "or", "unless", "bool", "offset", "sum", "min", "max", "avg", "count"];

/// A label, and its value where it must be equal.
type Matcher = (String, Option<String>);

/// The names in one expression.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// Metrics, each with the labels it is asked for.
    pub(crate) metrics: Vec<(String, Vec<Matcher>)>,
    /// Labels that results are grouped or matched by.
    pub(crate) grouping: Vec<String>,
}

/// Reads an expression.
pub(crate) fn names(expression: &str) -> Names {
    let mut names = Names::default();
    let mut rest = expression.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            '"' => drop(quoted(&mut rest)),
            '[' => drop(rest.by_ref().take_while(|letter| *letter != ']').count()),
            '0'..='9' => drop(word(first, &mut rest)),
            'a'..='z' | 'A'..='Z' | '_' | ':' => {
                let word = word(first, &mut rest);
                while rest.next_if(|letter| letter.is_whitespace()).is_some() {}
                let next = rest.peek().copied();
                if GROUPING.contains(&word.as_str()) {
                    names.grouping.extend(list(&mut rest));
                } else if next != Some('(') && !WORDS.contains(&word.as_str()) {
                    names.metrics.push((word, matchers(&mut rest)));
                }
            }
            _ => {}
        }
    }
    names
}

fn word(first: char, rest: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::from(first);
    while let Some(letter) = rest.next_if(|letter| letter.is_ascii_alphanumeric() || "_:.".contains(*letter)) {
        word.push(letter);
    }
    word
}

/// The text up to the closing quote.
fn quoted(rest: &mut Peekable<Chars<'_>>) -> String {
    rest.take_while(|letter| *letter != '"').collect()
}

/// The labels in parentheses, if they come next.
fn list(rest: &mut Peekable<Chars<'_>>) -> Vec<String> {
    if rest.next_if_eq(&'(').is_none() {
        return Vec::new();
    }
    let inside: String = rest.take_while(|letter| *letter != ')').collect();
    inside.split(',').map(|label| label.trim().to_owned()).filter(|label| !label.is_empty()).collect()
}

/// What stands in braces, if they come next.
fn matchers(rest: &mut Peekable<Chars<'_>>) -> Vec<Matcher> {
    let mut found = Vec::new();
    if rest.next_if_eq(&'{').is_none() {
        return found;
    }
    let (mut label, mut operator) = (String::new(), String::new());
    while let Some(letter) = rest.next().filter(|letter| *letter != '}') {
        match letter {
            '"' => {
                let value = quoted(rest);
                // What a dashboard's reader chooses is no value of ours.
                let is_fixed = operator == "=" && !value.starts_with('$');
                found.push((std::mem::take(&mut label), is_fixed.then_some(value)));
                operator.clear();
            }
            '=' | '!' | '~' => operator.push(letter),
            ',' | ' ' => {}
            _ => label.push(letter),
        }
    }
    found
}

/// A test of the reader itself.
pub(crate) fn names_are_found() {
    let owned = |name: &str| name.to_owned();
    let found = names(
        r#"sum by (job, le) (rate(a_bucket{job="$job", x!~"b, c",y="d"}[$__rate_interval])) > 1e3 and on (pool) b == 2 unless time() - c offset 5m"#,
    );
    let first = vec![(owned("job"), None), (owned("x"), None), (owned("y"), Some(owned("d")))];
    let metrics = vec![(owned("a_bucket"), first), (owned("b"), Vec::new()), (owned("c"), Vec::new())];
    assert_eq!(found, Names { metrics, grouping: ["job", "le", "pool"].map(owned).to_vec() });
}
