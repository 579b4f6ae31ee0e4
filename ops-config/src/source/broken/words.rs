//! What the parser says, in the words of whoever made the mistake.

use super::{mistake::Mistake, outline};
use crate::schema::{self, ValueType};

/// What is said of a mistake.
pub(super) struct Words {
    pub(super) found: String,
    /// As the end of "expected …"; may be empty.
    pub(super) expected: String,
    pub(super) help: Option<String>,
}

impl Words {
    fn new(found: &str, expected: &str, help: impl Into<Option<String>>) -> Self {
        Self { found: found.to_owned(), expected: expected.to_owned(), help: help.into() }
    }

    /// A list or table whose bracket is never closed.
    pub(super) fn unclosed(bracket: &str) -> Self {
        let (what, close) = if bracket == "[" { ("a list", "]") } else { ("a table", "}") };
        let help = format!("end it with {close} before the next key or table");
        Self::new(&format!("{what} that is not closed"), &format!("`{close}`"), help)
    }

    /// A text of several lines that is never closed.
    pub(super) fn unclosed_text(quotes: &str) -> Self {
        let help = format!("end it with {quotes}; a text of one line has one quote at each end");
        Self::new("a text that is not closed", &format!("`{quotes}`"), help)
    }
}

/// Says a mistake in plain words: first what is certain from the line, then what the parser says.
pub(super) fn explain(mistake: &Mistake<'_>) -> Words {
    strange(mistake).or_else(|| of_a_line(mistake)).unwrap_or_else(|| match mistake.message {
        "string values must be quoted" | "missing opening quote" => unquoted(mistake),
        message if message.starts_with("invalid basic string") || message.starts_with("invalid literal string") => {
            let help = mistake.write_value().unwrap_or_else(|| "end the text with the quote it begins with".to_owned());
            Words::new("a text that is not closed", "a quote at its end", help)
        }
        message if message.starts_with("invalid") && is_value(mistake) => unquoted(mistake),
        "unexpected leading zero" => {
            let help = mistake.write_value().unwrap_or_else(|| "write the number without zeros before it".to_owned());
            Words::new("a number that begins with 0", "a number without zeros before it", help)
        }
        message => of_the_grammar(message, mistake.wanted),
    })
}

/// What is no mistake of grammar: what cannot be seen, what other programs left, another language.
fn strange(mistake: &Mistake<'_>) -> Option<Words> {
    if mistake.is_conflict() {
        let help = "keep one of the two sides and remove the lines with <, = and >".to_owned();
        return Some(Words::new("a conflict that git left", "one configuration", help));
    }
    let is_strange = |c: &char| {
        c.is_control() && *c != '\t' || c.is_whitespace() && !c.is_ascii() || "\u{200b}\u{feff}".contains(*c)
    };
    let around = if mistake.found.is_empty() {
        mistake.rest.chars().next().into_iter().collect()
    } else {
        mistake.found.to_owned()
    };
    if let Some(c) = around.chars().find(is_strange) {
        let code = u32::from(c);
        if c == '\r' {
            let help = "save with line breaks of Unix or Windows".to_owned();
            return Some(Words::new("a carriage return without a line break", "a line break", help));
        }
        let help =
            if c.is_whitespace() { "write an ordinary space in its place" } else { "remove it; it cannot be seen" };
        return Some(Words::new(&format!("the character U+{code:04X}"), "none that cannot be seen", help.to_owned()));
    }
    if ["//", "/*", "--", ";"].iter().any(|mark| mistake.line.starts_with(mark)) {
        return Some(Words::new(
            "a line that says nothing",
            "`#` before a comment",
            "begin the comment with #".to_owned(),
        ));
    }
    if mistake.line == "{" || mistake.line == "}" {
        let help = "write key = value lines, with [table] above those of a table; this looks like JSON".to_owned();
        return Some(Words::new("a bracket that is no part of a line", "`key = value` or a [table]", help));
    }
    None
}

/// What is certain from the shape of the line.
fn of_a_line(mistake: &Mistake<'_>) -> Option<Words> {
    let Mistake { line, name, value, rest, message, .. } = *mistake;
    let before = line.split(['=', '"', '\'']).next().unwrap_or_default();
    if message == "carriage return must be followed by newline" {
        let help = "save with line breaks of Unix or Windows".to_owned();
        return Some(Words::new("a carriage return without a line break", "a line break", help));
    }
    if value.starts_with('{') && mistake.value_type() == Some(ValueType::Array) {
        let help = "write a list in [ ], with commas between its elements".to_owned();
        return Some(Words::new("a list in braces", &mistake.expected(), help));
    }
    if line.starts_with('[') && message == "unexpected key or value" {
        let help = "write each key on a line of its own, below the header".to_owned();
        return Some(Words::new("more behind a header", "the end of the line, or `#` and a comment", help));
    }
    if line.starts_with('[') {
        return (message == "unclosed table" || message == "unclosed array table").then(|| header(mistake));
    }
    if message == "extra `=`" {
        return Some(Words::new(
            "two `=`",
            "one",
            mistake.write_value().or_else(|| Some("remove one of the two".to_owned())),
        ));
    }
    if message.starts_with("unexpected key or value") {
        return Some(behind(mistake));
    }
    if message.starts_with("key with no value") || message.starts_with("invalid unquoted key") {
        if line.ends_with(']') && !line.contains(['[', '=', ' ']) {
            let is_table = outline::header(line).is_some_and(|key| schema::at(&key).is_some());
            let help = if is_table { format!("write [{line}") } else { "write [ before a table's name".to_owned() };
            return Some(Words::new("a header that is not opened", "`[`", help));
        }
        if before.contains(':') || mistake.found.ends_with(':') {
            let help = mistake.write_value().unwrap_or_else(|| "write key = value, with = and not :".to_owned());
            return Some(Words::new("a `:` behind a key", "`=`", help));
        }
        if line.contains('=') {
            let help = match mistake.key {
                _ if name.contains(' ') => "a key has no spaces; write _ in their place, or quotes around it",
                _ => "a key is made of letters, digits, _ and -; put quotes around any other",
            };
            return Some(Words::new("a key that is not a single word", "`key = value`", help.to_owned()));
        }
        let help = if value.is_empty() { None } else { mistake.write_value() };
        let help = help.unwrap_or_else(|| "write key = value; a table's header stands in brackets".to_owned());
        return Some(Words::new(
            if value.is_empty() { "a key without a value" } else { "a key without `=`" },
            "`key = value`",
            help,
        ));
    }
    (message.starts_with("unquoted keys cannot be empty") && rest.starts_with('='))
        .then(|| Words::new("a value without a key", "`key = value`", "write the key before the =".to_owned()))
}

fn header(mistake: &Mistake<'_>) -> Words {
    let Mistake { line, .. } = *mistake;
    let name = line.trim_matches(['[', ']', ' ']);
    let help = match (name.contains(' '), line.starts_with("[[")) {
        _ if !mistake.is_shown => "close the table's header, as in [server]".to_owned(),
        (true, _) => {
            format!("write [{}], with dots between the parts", name.split_whitespace().collect::<Vec<_>>().join("."))
        }
        (false, true) => format!("write [[{name}]]"),
        (false, false) => format!("write [{name}]"),
    };
    Words::new("a header that is not closed", "`]`", help)
}

/// Something stands behind a value that has ended.
fn behind(mistake: &Mistake<'_>) -> Words {
    let rest = mistake.rest.trim();
    if rest.starts_with([',', ';']) && rest.len() == 1 {
        return Words::new(&format!("a `{rest}` at the end of a line"), "nothing there", format!("remove the {rest}"));
    }
    if rest.starts_with(',') && matches!(mistake.value_type(), Some(ValueType::Integer | ValueType::Number)) {
        let help = mistake.write_value().unwrap_or_else(|| "write the number without a comma".to_owned());
        return Words::new("a number with a comma", "a number", help);
    }
    if rest.starts_with(['"', '\'']) && rest.len() == 1 {
        return Words::new(
            "a quote too many",
            "one quote at each end",
            mistake.write_value().or_else(|| Some("remove the last quote".to_owned())),
        );
    }
    Words::new(
        "more behind a value",
        "the end of the line, or `#` and a comment",
        "write each key on a line of its own".to_owned(),
    )
}

/// Whether what is at fault is a value, and no key.
fn is_value(mistake: &Mistake<'_>) -> bool {
    let number = [
        "invalid float",
        "invalid integer",
        "invalid mantissa",
        "invalid exponent",
        "invalid boolean",
        "invalid date",
        "invalid hexadecimal",
        "invalid octal",
        "invalid binary",
        "invalid string",
    ];
    number.iter().any(|word| mistake.message.starts_with(word))
}

/// A value that is none of TOML's: mostly a text without quotes.
fn unquoted(mistake: &Mistake<'_>) -> Words {
    let Mistake { value, .. } = *mistake;
    let known = mistake.expected();
    let expected = if known.is_empty() { "quotes around a text" } else { known.as_str() };
    if mistake.message == "string values must be quoted" && mistake.found.trim().is_empty() {
        return Words::new(
            "a key without a value",
            if known.is_empty() { "`key = value`" } else { expected },
            "write the value behind the =".to_owned(),
        );
    }
    if value.contains(" //") || value.contains(" --") {
        return Words::new("more behind a value", "`#` before a comment", "begin the comment with #".to_owned());
    }
    if ["null", "nil", "none", "~"].contains(&value.to_lowercase().as_str()) {
        return Words::new(
            "a word that is no value",
            expected,
            "remove the line: a key that is left out has no value".to_owned(),
        );
    }
    if value.contains('=') && !value.starts_with('{') {
        return Words::new(
            "more behind a value",
            "the end of the line, or `#` and a comment",
            "write each key on a line of its own".to_owned(),
        );
    }
    if value.starts_with('(') {
        return Words::new(
            "a round bracket",
            expected,
            "write a list in [ ], with commas between its elements".to_owned(),
        );
    }
    let found = match value.chars().next() {
        Some('“' | '”' | '„' | '‘' | '’' | '«' | '»') => "a text in quotes of a word processor",
        _ if mistake.value_type() == Some(ValueType::Boolean) => "a word that is neither true nor false",
        _ if mistake.value_type().is_some_and(|kind| matches!(kind, ValueType::Integer | ValueType::Number)) => {
            "not a number"
        }
        _ => "a text without quotes",
    };
    let help = mistake.write_value().or_else(|| match mistake.value_type() {
        Some(ValueType::Integer | ValueType::Number | ValueType::Boolean) => None,
        _ => Some("put it in quotes, as in level = \"info\"".to_owned()),
    });
    Words::new(found, expected, help)
}

/// What only the parser knows.
fn of_the_grammar(found: &str, expected: &str) -> Words {
    let expected = if expected == "nothing" { "" } else { expected };
    let (found, expected, help) = match found {
        "missing comma between array elements" => {
            ("two elements without a comma", "`,` between them", "put a comma behind the one before")
        }
        "extra comma in array" => ("a comma too many", "an element", "remove one of the commas"),
        "missing comma between key-value pairs" => {
            ("two keys without a comma", "`,` between them", "put a comma behind the one before")
        }
        "extra comma in inline table" => ("a comma too many", "a key", "remove one of the commas"),
        "missing assignment between key-value pairs"
        | "invalid inline table element"
        | "missing key for inline table element" => (
            "a part of a table that is no `key = value`",
            "{ key = value }",
            "write key = value, with commas between; a list has [ ]",
        ),
        "unclosed array table" => {
            ("a header that is not closed", "`]]`", "close the header, as in [[observability.sampling_rules]]")
        }
        "unclosed table" => ("a header that is not closed", "`]`", "close the table's header, as in [server]"),
        "unclosed array" => ("a list that is not closed", "`]`", "close the list with ]"),
        "unclosed inline table" => ("a table that is not closed", "`}`", "close the table with }"),
        "unquoted keys cannot be empty" => {
            ("a name that is empty", "a name", "write the name, or remove the dot beside it")
        }
        "invalid unquoted key" => (
            "a key that is not a single word",
            "`key = value`",
            "write key = value, with = and not :; a key that is not of letters, digits, _ and - needs quotes",
        ),
        "missing escaped value" | "too few unicode value digits" | "invalid value" => (
            "a `\\` that stands for nothing",
            "",
            "write \\\\ for a backslash, or put the text in '…', where it is none of a kind",
        ),
        "missing array opening" | "missing inline table opening" | "missing table open" => {
            ("a bracket that was not opened", "", "remove it, or open it")
        }
        "cannot recurse further; max recursion depth met" | "recursion limit" => {
            ("nested too deep", "", "take some of the brackets away")
        }
        "`_` may only go between digits" => ("a `_` that is not between digits", "a number such as 1_000", "remove it"),
        other => (other, expected, ""),
    };
    Words::new(found, expected, Some(help.to_owned()).filter(|help| !help.is_empty()))
}
