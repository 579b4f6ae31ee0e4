//! What a caller has seen already: `If-Match` and `If-None-Match`, as RFC 9110 has them.

use http::{header, HeaderMap, HeaderName, HeaderValue, Method};
use ops_config::reload::Revision;

/// What one of the two headers names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named<'h> {
    /// `*`: whatever there is.
    Any,
    /// Tags, each weak or not. What is no list of tags names none.
    Tags(Vec<(bool, &'h str)>),
}

/// The tag of a state of affairs.
pub(super) fn tag(revision: Revision) -> HeaderValue {
    // Digits and a dot only, which a header value always takes.
    HeaderValue::try_from(format!("\"{revision}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The states of affairs in which a change is meant; none is any. A weak tag never says that two are the same.
pub(super) fn only_at(headers: &HeaderMap) -> Option<Vec<Revision>> {
    match named(headers, &header::IF_MATCH)? {
        Named::Any => None,
        Named::Tags(tags) => {
            let strong = tags.into_iter().filter(|(is_weak, _)| !is_weak);
            Some(strong.filter_map(|(_, tag)| tag.parse().ok()).collect())
        }
    }
}

/// What is done about a request, by what its caller has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What it asks for.
    Proceed,
    /// Nothing: the caller has the answer already.
    NotModified,
    /// Nothing: it was meant for another state of affairs.
    Failed,
}

/// Judges both headers in the order of RFC 9110, section 13.2.2.
pub(super) fn judge(method: &Method, headers: &HeaderMap, now: Revision) -> Verdict {
    let is_meant = only_at(headers).is_none_or(|meant| meant.contains(&now));
    match (is_meant, is_known(headers, now)) {
        (true, false) => Verdict::Proceed,
        (true, true) if [Method::GET, Method::HEAD].contains(method) => Verdict::NotModified,
        _ => Verdict::Failed,
    }
}

/// Whether the caller has the answer already. Here a weak tag will do.
fn is_known(headers: &HeaderMap, revision: Revision) -> bool {
    match named(headers, &header::IF_NONE_MATCH) {
        None => false,
        Some(Named::Any) => true,
        Some(Named::Tags(tags)) => tags.iter().any(|(_, tag)| tag.parse() == Ok(revision)),
    }
}

/// What all lines of the header name together; nothing where there are none.
fn named<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Named<'h>> {
    let mut lines = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default().trim()).peekable();
    lines.peek()?;
    let mut tags = Vec::new();
    for line in lines {
        if line == "*" {
            return Some(Named::Any);
        }
        tags.extend(list(line));
    }
    Some(Named::Tags(tags))
}

/// The tags of one line, up to what is none. A comma may stand within a tag.
fn list(mut rest: &str) -> Vec<(bool, &str)> {
    let mut tags = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (is_weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let Some((tag, after)) = quoted.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) else {
            return tags;
        };
        tags.push((is_weak, tag));
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::{is_known, judge, only_at, tag, Verdict};
    use http::{header, HeaderMap, HeaderName, HeaderValue, Method};
    use ops_config::reload::Revision;

    fn with(name: &HeaderName, lines: &[&str]) -> HeaderMap {
        let value = |line: &&str| HeaderValue::try_from(*line).expect("a header value");
        lines.iter().map(|line| (name.clone(), value(line))).collect()
    }

    fn revision(text: &str) -> Revision {
        text.parse().expect("a revision")
    }

    #[test]
    fn a_tag_is_its_revision_in_quotes() {
        assert_eq!(tag(revision("7.1")), "\"7.1\"");
    }

    #[test]
    fn a_change_is_meant_for_the_strong_tags_it_names() {
        let meant = |lines: &[&str]| only_at(&with(&header::IF_MATCH, lines));
        assert_eq!(meant(&[]), None);
        assert_eq!(meant(&["*"]), None);
        assert_eq!(meant(&["\"7.1\""]), Some(vec![revision("7.1")]));
        assert_eq!(meant(&["\"7.1\", W/\"7.2\",\"7.3\"", "\"a,b\""]), Some(vec![revision("7.1"), revision("7.3")]));
        for no_tag in ["7.1", "\"7.1", "", "W/\"7.1\"", "\"7.01\""] {
            assert_eq!(meant(&[no_tag]), Some(Vec::new()), "{no_tag}");
        }
    }

    #[test]
    fn an_answer_is_known_by_any_of_the_tags_weak_ones_too() {
        let known = |lines: &[&str]| is_known(&with(&header::IF_NONE_MATCH, lines), revision("7.1"));
        for lines in [&["*"][..], &["\"7.1\""], &["W/\"7.1\""], &["\"x, y\" , \"7.1\""], &["\"0.0\"", "\"7.1\""]] {
            assert!(known(lines), "{lines:?}");
        }
        for lines in [&[][..], &["\"7.2\""], &["7.1"], &["\"7.1"]] {
            assert!(!known(lines), "{lines:?}");
        }
    }

    #[test]
    fn what_is_not_meant_fails_and_what_is_known_is_told_to_who_reads_and_fails_for_who_changes() {
        let judged = |method: &Method, meant: &[&str], known: &[&str]| {
            let mut headers = with(&header::IF_MATCH, meant);
            headers.extend(with(&header::IF_NONE_MATCH, known));
            judge(method, &headers, revision("7.1"))
        };
        for method in [Method::GET, Method::HEAD, Method::POST] {
            for (meant, known) in [(&[][..], &[][..]), (&["\"7.1\""], &["\"7.2\""]), (&["*"], &[])] {
                assert_eq!(judged(&method, meant, known), Verdict::Proceed, "{method} {meant:?} {known:?}");
            }
            for known in [&[][..], &["\"7.1\""], &["*"]] {
                assert_eq!(judged(&method, &["\"7.2\""], known), Verdict::Failed, "{method} {known:?}");
            }
            let of_known = if method == Method::POST { Verdict::Failed } else { Verdict::NotModified };
            assert_eq!(judged(&method, &[], &["W/\"7.1\""]), of_known, "{method}");
            assert_eq!(judged(&method, &["\"7.1\""], &["*"]), of_known, "{method}");
        }
    }
}
