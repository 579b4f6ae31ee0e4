//! Everything that can stand where a configuration should: bytes that are none, and paths that are no file.

use std::{fmt::Write, fs, io, os::unix::fs::symlink, path::Path};

/// What stands at the path.
pub(crate) enum Content {
    /// A file of these bytes.
    Bytes(Vec<u8>),
    /// A symbolic link to this.
    Link(&'static str),
    /// A folder.
    Folder,
    /// Nothing.
    Nothing,
}

/// One thing that is no configuration.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) content: Content,
}

impl Case {
    /// Puts it at the path, in the place of whatever is there.
    pub(crate) fn put(&self, path: &Path) {
        clear(path);
        match &self.content {
            Content::Bytes(bytes) => {
                let new = path.with_extension("new");
                fs::write(&new, bytes).unwrap();
                fs::rename(&new, path).unwrap();
            }
            Content::Link(target) => symlink(target, path).unwrap(),
            Content::Folder => fs::create_dir(path).unwrap(),
            Content::Nothing => {}
        }
    }
}

/// Removes whatever is at the path.
pub(crate) fn clear(path: &Path) {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    assert!(
        removed.is_ok() || removed.is_err_and(|error| error.kind() == io::ErrorKind::NotFound),
        "{}",
        path.display()
    );
}

fn lines(line: impl Fn(usize) -> String, count: usize) -> String {
    (0..count).fold("version = 1\n".to_owned(), |mut text, n| {
        write!(text, "{}", line(n)).unwrap();
        text
    })
}

/// Every case, each named once.
pub(crate) fn all() -> Vec<Case> {
    let text = |name, text: &str| Case { name, content: Content::Bytes(format!("version = 1\n{text}").into_bytes()) };
    let bytes = |name, bytes: &[u8]| Case { name, content: Content::Bytes(bytes.to_vec()) };
    let made = |name, text: String| Case { name, content: Content::Bytes(text.into_bytes()) };
    let path = |name, content| Case { name, content };
    vec![
        text("a syntax error", "[limits\nmode = \"off\"\n"),
        text("a wrong type", "[limits]\nmax_in_flight = \"many\"\n"),
        text("an unknown key", "[limits]\nmax_inflight = 5\n"),
        text("out of range", "[limits]\nmax_in_flight = 0\n"),
        text("a cross-key fault", "[pools.main]\nmin_connections = 9\nmax_connections = 3\n"),
        text("a bad reference", "[pools.main]\n[probes.checks.db]\nkind = \"pool\"\npool = \"mian\"\n"),
        text("a missing secret", "[admin]\ntoken = { file = \"/nowhere/token\" }\n"),
        text("a retired key", "[chaos.network]\ndrop_packets = 0.5\n"),
        bytes("a byte order mark before a fault", b"\xef\xbb\xbfversion = 2\n"),
        bytes("line breaks of Windows before a fault", b"version = 1\r\n[limits]\r\nmax_in_flight = 0\r\n"),
        bytes("a NUL byte", b"version = 1\n[limits]\nmode = \"off\"\0\n"),
        bytes("nothing but NUL bytes", &[0; 512]),
        bytes("not UTF-8", b"version = 1\n[observability]\nenvironment = \"caf\xe9\"\n"),
        bytes("UTF-16", b"\xff\xfev\0e\0r\0s\0i\0o\0n\0"),
        made("10 MiB", lines(|_| format!("# {}\n", "x".repeat(1021)), 10 << 10)),
        text("lists nested deep", &format!("a = {}\n", "[".repeat(100_000))),
        text("tables nested deep", &format!("a = {}\n", "{ a = ".repeat(100_000))),
        text("a header nested deep", &format!("[{}a]\nb = 1\n", "a.".repeat(100_000))),
        made("100 000 keys", lines(|n| format!("k{n:05}=1\n"), 100_000)),
        made("10 000 mistakes", lines(|n| format!("k{n:05} 1\n"), 10_000)),
        bytes("empty", b""),
        bytes("comments only", b"# version = 1\n\n# [limits]\n"),
        bytes("no version", b"[limits]\nmode = \"off\"\n"),
        text("duplicate keys", "[limits]\nmode = \"off\"\nmode = \"observe\"\n"),
        text("duplicate tables", "[limits]\nmode = \"off\"\n[server]\n[limits]\nmax_in_flight = 5\n"),
        path("a loop of symbolic links", Content::Link("ops.toml")),
        path("a link to nothing", Content::Link("nothing.toml")),
        path("a folder", Content::Folder),
        path("nothing", Content::Nothing),
        path("a device", Content::Link("/dev/null")),
        // Not even root may open the first or read the second, so neither is ever skipped.
        path("a file that may not be opened", Content::Link("/proc/sys/vm/compact_memory")),
        path("a file that cannot be read", Content::Link("/proc/self/mem")),
    ]
}
