//! A small client of the Language Server Protocol: what an editor asks while a file is open.

use serde_json::{json, Value};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

/// How long a server may be silent: more than any needs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The program has no server, or it has ended.
#[derive(Debug)]
pub(crate) struct NoServer;

/// A server, and the file that is open last.
pub(crate) struct Client {
    server: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    folder: PathBuf,
    /// How many files were opened; the last one's name.
    opened: u64,
    version: u64,
    last: u64,
    /// What is underlined: lines from 1, with what is said there. None before it was judged.
    complaints: Option<Vec<(u64, String)>>,
}

impl Client {
    /// Starts the server on a folder.
    ///
    /// # Errors
    /// When it ends without a word.
    pub(crate) fn start(command: &mut Command, folder: &Path) -> Result<Self, NoServer> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().expect("the server starts");
        let input = server.stdin.take().expect("its input is ours");
        let mut output = BufReader::new(server.stdout.take().expect("its output is ours"));
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || while read(&mut output).is_some_and(|message| sender.send(message).is_ok()) {});
        let folder_name = folder.to_owned();
        let mut client =
            Self { server, input, messages, folder: folder_name, opened: 0, version: 0, last: 0, complaints: None };
        let uri = uri(folder);
        let answer = client.try_request(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": uri,
                "workspaceFolders": [{ "uri": uri, "name": "tests" }],
                "capabilities": { "textDocument": {
                    "hover": { "contentFormat": ["markdown"] },
                    "completion": { "completionItem": { "documentationFormat": ["markdown"] } },
                    "publishDiagnostics": {},
                } },
            }),
        );
        answer?;
        client.notify("initialized", &json!({}));
        Ok(client)
    }

    /// Opens a text, as a file of its own: an answer about another cannot be taken for one about it.
    pub(crate) fn open(&mut self, text: &str) {
        self.opened += 1;
        self.version = 1;
        self.complaints = None;
        std::fs::write(self.file(), text).expect("a file");
        let document = json!({ "uri": uri(&self.file()), "languageId": "toml", "version": 1, "text": text });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
        // Until it was judged, a server may answer as if it were not there.
        self.wait("the first look", |client| client.complaints.is_some());
    }

    /// Replaces the text of the open file.
    pub(crate) fn change(&mut self, text: &str) {
        self.version += 1;
        let document = json!({ "uri": uri(&self.file()), "version": self.version });
        let changes = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.notify("textDocument/didChange", &changes);
    }

    /// Waits until what is underlined is as it should be: a server may underline what is no TOML
    /// first, and what the schema refuses a moment later.
    pub(crate) fn complains(&mut self, what: &str, right: impl Fn(&[(u64, String)]) -> bool) {
        self.wait(what, |client| client.complaints.as_deref().is_some_and(&right));
    }

    /// What is shown under the pointer; `‸` stands in the text where it is.
    pub(crate) fn hover(&mut self, text: &str) -> String {
        let at = self.open_at(text);
        let answer = self.request("textDocument/hover", &at);
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// What is offered where `‸` stands in the text, each with its documentation.
    pub(crate) fn complete(&mut self, text: &str) -> Vec<(String, String)> {
        let at = self.open_at(text);
        let answer = self.request("textDocument/completion", &at);
        let items = answer.as_array().or_else(|| answer["items"].as_array()).cloned().unwrap_or_default();
        let text = |item: &Value, pointer: &str| item.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let label = |item: &Value| text(item, "/label").expect("a label").trim_matches('"').to_owned();
        let said = |item: &Value| text(item, "/documentation/value").unwrap_or_default();
        items.iter().map(|item| (label(item), said(item))).collect()
    }

    fn open_at(&mut self, text: &str) -> Value {
        let (before, after) = text.split_once('‸').expect("a place");
        self.open(&format!("{before}{after}"));
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().unwrap_or_default().len();
        json!({ "textDocument": { "uri": uri(&self.file()) }, "position": { "line": line, "character": character } })
    }

    fn file(&self) -> PathBuf {
        self.folder.join(format!("ops-{}.toml", self.opened))
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.try_request(method, params).unwrap_or_else(|NoServer| panic!("{method}: the server has ended"))
    }

    fn try_request(&mut self, method: &str, params: &Value) -> Result<Value, NoServer> {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = match self.messages.recv_timeout(PATIENCE) {
                Ok(message) => message,
                Err(RecvTimeoutError::Disconnected) => return Err(NoServer),
                Err(RecvTimeoutError::Timeout) => panic!("{method}: nothing said within {PATIENCE:?}"),
            };
            if message["id"] == id && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return Ok(message["result"].clone());
            }
            self.take(&message);
        }
    }

    fn wait(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            let message = self.messages.recv_timeout(PATIENCE);
            let message = message.unwrap_or_else(|error| panic!("{what}: {error}; {:?}", self.complaints));
            self.take(&message);
        }
    }

    /// What the server says and asks by itself.
    fn take(&mut self, message: &Value) {
        let params = &message["params"];
        match (message["method"].as_str(), message.get("id")) {
            // No settings: as an editor has it that was just installed.
            (Some("workspace/configuration"), Some(id)) => {
                let none = vec![Value::Null; params["items"].as_array().map_or(0, Vec::len)];
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": none }));
            }
            (Some(_), Some(id)) => self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null })),
            (Some("textDocument/publishDiagnostics"), None) if params["uri"] == uri(&self.file()) => {
                let said = |one: &Value| one["message"].as_str().unwrap_or_default().to_owned();
                let line = |one: &Value| one["range"]["start"]["line"].as_u64().expect("a line") + 1;
                let all = params["diagnostics"].as_array().into_iter().flatten();
                self.complaints = Some(all.map(|one| (line(one), said(one))).collect());
            }
            _ => {}
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        // A server that has ended is noticed by whoever waits for its answer.
        let _ = write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len());
        let _ = self.input.flush();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// The next message; none at the end.
fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        output.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut text = vec![0; length];
    output.read_exact(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
