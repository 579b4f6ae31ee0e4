//! A configuration as a list of keys, to change one at a time.

use std::{collections::BTreeMap, path::Path};

/// Keys with their values as TOML writes them.
#[derive(Clone, Debug)]
pub(crate) struct File(BTreeMap<String, String>);

impl File {
    /// Three listeners on ports that the system chooses.
    pub(crate) fn quiet() -> Self {
        let file = Self(BTreeMap::from([("version".to_owned(), "1".to_owned())]));
        file.with("observability.metrics_port", "0")
            .text("server.listen", "127.0.0.1:0")
            .text("admin.listen", "127.0.0.1:0")
    }

    /// With a key at this value.
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        self.0.insert(key.to_owned(), value.to_owned());
        self
    }

    /// With a key at this text.
    pub(crate) fn text(self, key: &str, text: &str) -> Self {
        self.with(key, &toml::Value::from(text).to_string())
    }

    /// With a secret that stands in a file.
    pub(crate) fn secret(self, key: &str, path: &Path) -> Self {
        self.text(&format!("{key}.file"), &path.display().to_string())
    }
}

impl std::fmt::Display for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|(key, value)| writeln!(f, "{key} = {value}"))
    }
}
