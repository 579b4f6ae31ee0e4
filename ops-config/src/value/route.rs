//! Patterns over request paths: `/checkout/*`, `/items/{id}`, `/**`.

use super::{text::text_schema, text::text_serde, Malformed};
use std::{cmp::Ordering, fmt, str::FromStr};

const EXPECTED: &str = "a path pattern such as \"/checkout/*\" (one segment) or \"/api/**\" (any rest)";
const PATTERN: &str = r"^/(?:(?:\*|\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z0-9._~!$&'()+,;=:@%-]+)/)*(?:\*\*?|\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z0-9._~!$&'()+,;=:@%-]+)?$";

/// Which paths something applies to: literal segments, `*` or `{name}` for
/// exactly one segment, and `**` at the end for any rest, none included.
///
/// Ordered by how specific it is, the most specific first, so that the first
/// match in order is the one that says most about the path.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RoutePattern {
    text: Box<str>,
    segments: Box<[Segment]>,
    open_ended: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Segment {
    Literal(Box<str>),
    Any,
}

impl RoutePattern {
    /// The pattern that every path matches, `/**`.
    #[must_use]
    pub fn everything() -> Self {
        Self { text: "/**".into(), segments: Box::new([]), open_ended: true }
    }

    /// Whether the path of a request matches. Allocates nothing.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        if self.open_ended && self.segments.is_empty() {
            return true;
        }
        let Some(path) = path.strip_prefix('/') else { return false };
        let mut parts = path.split('/');
        for segment in &*self.segments {
            match (segment, parts.next()) {
                (Segment::Literal(literal), Some(part)) if **literal == *part => {}
                (Segment::Any, Some(part)) if !part.is_empty() => {}
                _ => return false,
            }
        }
        self.open_ended || parts.next().is_none()
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn literals(&self) -> usize {
        self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count()
    }
}

impl Ord for RoutePattern {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |pattern: &Self| (pattern.literals(), pattern.segments.len(), !pattern.open_ended);
        rank(other).cmp(&rank(self)).then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for RoutePattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for RoutePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RoutePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl FromStr for RoutePattern {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse(text).ok_or_else(|| Malformed::new(EXPECTED))
    }
}

fn parse(text: &str) -> Option<RoutePattern> {
    let path = text.strip_prefix('/')?;
    let (closed, open_ended) = match path.strip_suffix("**") {
        Some("") => return Some(RoutePattern::everything()),
        Some(before) => (before.strip_suffix('/')?, true),
        None => (path, false),
    };
    // "/" and "/a/" end in an empty segment: it matches only the same ending in a path.
    let last = closed.split('/').count() - 1;
    let segments = closed
        .split('/')
        .enumerate()
        .map(|(at, part)| match part {
            "" if at == last && !open_ended => Some(Segment::Literal("".into())),
            "" => None,
            "*" => Some(Segment::Any),
            name if name.starts_with('{') => is_parameter(name).then_some(Segment::Any),
            literal => literal.chars().all(is_path_char).then(|| Segment::Literal(literal.into())),
        })
        .collect::<Option<Box<[_]>>>()?;
    Some(RoutePattern { text: text.into(), segments, open_ended })
}

fn is_parameter(part: &str) -> bool {
    part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn is_path_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._~!$&'()+,;=:@%-".contains(c)
}

text_serde!(RoutePattern);
text_schema!(RoutePattern, "RoutePattern", EXPECTED, PATTERN);
