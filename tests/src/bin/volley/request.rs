//! What is asked, and the whole of what must come back.

/// A request of the demo service.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: &'static str,
    pub(super) answer: String,
}

impl Request {
    /// The one of this number: short, slow, in pieces, or with a body of its own.
    pub(super) fn new(number: usize) -> Self {
        let ms = 1 + number % 23;
        let get = |path: String, answer: String| Self { method: "GET", path, body: "", answer };
        match number % 5 {
            0 => get(format!("/slow?ms={ms}"), "slow\n".to_owned()),
            1 => get(format!("/stream?chunks=3&ms={}", ms / 3), "chunk 1\nchunk 2\nchunk 3\n".to_owned()),
            // Not to be repeated by whoever does not know what became of it.
            2 => Self { method: "POST", path: "/test".to_owned(), body: "[]", answer: "done\n".to_owned() },
            _ => get("/ok".to_owned(), "ok\n".to_owned()),
        }
    }

    /// Whether an answer is the one, and whole.
    pub(super) fn is_answered(&self, status: u16, body: &[u8]) -> bool {
        status == 200 && body == self.answer.as_bytes()
    }
}
