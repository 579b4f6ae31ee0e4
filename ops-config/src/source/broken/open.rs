//! What is open at a place of a file: the brackets of a value, a text of several lines.

/// A way through a file, quotes and brackets counted. It only goes on, so that all places together
/// cost one reading.
#[derive(Debug)]
pub(super) struct Open<'c> {
    bytes: &'c [u8],
    at: usize,
    in_value: bool,
    /// Where the brackets stand that are not closed yet.
    brackets: Vec<usize>,
    /// Where a text of several lines began that is never closed.
    pub(super) text: Option<usize>,
}

impl<'c> Open<'c> {
    pub(super) fn new(content: &'c str) -> Self {
        Self { bytes: content.as_bytes(), at: 0, in_value: false, brackets: Vec::new(), text: None }
    }

    /// The outermost bracket that is open at a place behind all asked for before.
    pub(super) fn bracket_at(&mut self, place: usize) -> Option<usize> {
        while self.at < place.min(self.bytes.len()) {
            self.step();
        }
        self.brackets.first().copied()
    }

    fn step(&mut self) {
        match self.bytes[self.at] {
            b'#' => return self.at = self.find(b"\n"),
            quote @ (b'"' | b'\'') => return self.skip(quote),
            b'[' | b'{' if self.in_value => self.brackets.push(self.at),
            b']' | b'}' => drop(self.brackets.pop()),
            b'=' => self.in_value = true,
            b'\n' => self.in_value = !self.brackets.is_empty(),
            _ => {}
        }
        self.at += 1;
    }

    /// Goes beyond a text; one of a single line ends with its line at the latest.
    fn skip(&mut self, quote: u8) {
        let begin = self.at;
        let triple = [quote; 3];
        if self.bytes[begin..].starts_with(&triple) {
            self.at = begin + 3;
            self.at = self.find(&triple);
            if self.at == self.bytes.len() {
                self.text = Some(begin);
            }
            self.at = (self.at + 3).min(self.bytes.len());
            return;
        }
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            match *byte {
                b'\n' => return,
                b'\\' if quote == b'"' => self.at += 1,
                byte if byte == quote => return self.at += 1,
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(self.bytes.len());
    }

    /// The next place of some bytes, or the end.
    fn find(&self, what: &[u8]) -> usize {
        let found = self.bytes[self.at..].windows(what.len()).position(|window| window == what);
        found.map_or(self.bytes.len(), |found| self.at + found)
    }
}

#[cfg(test)]
mod tests {
    use super::Open;

    #[test]
    fn brackets_count_in_values_and_nowhere_else() {
        let content = "[a]\nb = [ # [\n \"[\", '[', \"\"\"[\n[\"\"\", { c = 1 },\n]\nd = {";
        let mut open = Open::new(content);
        assert_eq!(open.bracket_at(3), None, "a header");
        let list = content.find("= [").map(|at| at + 2);
        assert_eq!(open.bracket_at(content.find("c = 1").unwrap()), list);
        assert_eq!(open.bracket_at(content.find("d =").unwrap()), None);
        assert_eq!(open.bracket_at(content.len()), Some(content.len() - 1));
        assert_eq!(open.text, None);
        let mut open = Open::new("a = \"x\\\"\nb = '''y\n");
        open.bracket_at(99);
        assert_eq!(open.text, Some(13));
    }
}
