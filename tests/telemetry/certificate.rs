//! Certificates for `localhost`, made by the `openssl` program.

use ops_tests::outside::succeed;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An authority, and a certificate of its own making.
#[derive(Debug)]
pub(crate) struct Authority {
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let authority = Self { folder: tempfile::tempdir().expect("a folder") };
        let key = authority.path("authority.key");
        made(&authority.certificate(), &key, "basicConstraints=critical,CA:TRUE", &["-subj", "/CN=authority"]);
        let (certificate, authority_key) = (authority.certificate(), key);
        let signed = ["-CA", text(&certificate), "-CAkey", text(&authority_key), "-subj", "/CN=localhost"];
        let names = ["-addext", "basicConstraints=critical,CA:FALSE"];
        let all = [&signed[..], &names].concat();
        made(&authority.leaf(), &authority.key(), "subjectAltName=DNS:localhost", &all);
        authority
    }

    /// The authority's own, for those who are to trust it.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.path("authority.pem")
    }

    /// The one it made.
    pub(crate) fn leaf(&self) -> PathBuf {
        self.path("leaf.pem")
    }

    /// The key of that one.
    pub(crate) fn key(&self) -> PathBuf {
        self.path("leaf.key")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary folder has a plain name")
}

fn made(certificate: &Path, key: &Path, extension: &str, more: &[&str]) {
    let begin = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    let files = ["-out", text(certificate), "-keyout", text(key), "-addext", extension];
    succeed("openssl", [&begin[..], &files, more].concat());
}
