//! Secrets in every field that may hold one, and in every place where one may have got by mistake.

use crate::{
    file::File,
    secret::{Planted, SHAPES},
};
use std::{fs, path::Path};

/// Where the secrets of a process come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Inline,
    Env,
    File,
    Variable,
    Set,
    Profile,
}

pub(crate) const SOURCES: [Source; 6] =
    [Source::Inline, Source::Env, Source::File, Source::Variable, Source::Set, Source::Profile];

/// Places in a file that is broken there; `§` stands for the secret.
const BROKEN: [&str; 36] = [
    "[admin]\ntoken = [\"§\"]",
    "[admin]\ntoken = { value = \"§\" }",
    "[admin]\ntoken = { env = \"A\", value = \"§\" }",
    "[admin]\ntoken = { env = 5, \"§\" = 1 }",
    "[admin]\ntokn = \"§\"",
    "[admin]\ntoken = \"§",
    "[admin]\ntoken = §",
    "[admin]\ntoken: §",
    "[admin]\ntoken = \"§\" extra",
    "[admin]\ntoken = \"§\"\ntoken = \"§\"",
    "[admin]\ntoken = \"§\\q\"",
    "[admin]\nlisten = 5 # token = \"§\" \u{7}",
    "[admin]\ntoken = \"\"\"\n§\n\"\"\"",
    "[admin.token]\nsecret = \"§\"",
    "admin = \"§\"",
    "password = \"§\"",
    "[observability.otlp_headers]\nauthorization = [\"§\"]",
    "[observability.otlp_headers]\n\"X Key\" = \"§\"",
    "[observability.otlp_headers]\nauthorization = \"§\\n\"",
    "[observability.otlp_headers]\nauthorization = \"ключ §\"\n[pools.main]\nurl = \"sqlite:///nowhere/at/all\"",
    "[observability]\notlp_headers = \"authorization=§\"",
    "[observability]\notlp_endpoint = \"http://user:§@collector\"",
    "[observability]\notlp_endpoint = \"ftp://collector/?password=§\"",
    "[observability]\notlp_protocol = \"http/protobuf\"\notlp_endpoint = \"https://collector:99999/?password=§\"",
    "[probes.checks.web]\nkind = \"http\"\nurl = \"https://web/?token=§\"",
    "[probes.checks.web]\nkind = \"http\"\nurl = \"http://web/?token=§\"\ncritical = 5",
    "[probes.checks]\nweb = { kind = \"http\", url = \"http://web/?api_key=§ }",
    "[pools.main]\nurl = \"mssql://app:§@db/app\"",
    "[pools.main]\nurl = \"mysql://app:§@127.0.0.1:1/app\"",
    "[pools.main]\nurl = \"postgres://app:§@127.0.0.1:1/app\"",
    "[pools.main]\nurl = \"postgresql://app@127.0.0.1:1/app?password=§\"",
    "[pools.main]\nurl = \"postgres://app:1/§@127.0.0.1:1/app\"",
    "[pools.main]\nurl = \"mariadb://127.0.0.1:1/app?passwd=§\"",
    "[pools.main]\nurl = \"sqlite://app:§@nowhere/at/all.db\"",
    "[pools.main]\nurl = \"sqlite://app:§@x?mode=wrong\"",
    "[pools]\nmain = \"sqlite://app:§@db/app\"",
];

/// What was planted, and how the process comes by it.
pub(crate) struct Garden {
    source: Source,
    random: fastrand::Rng,
    pub(crate) secrets: Vec<Planted>,
    pub(crate) variables: Vec<(String, String)>,
    /// `KEY=VALUE` for `--set`.
    pub(crate) set: Vec<String>,
}

impl Garden {
    pub(crate) fn new(source: Source) -> Self {
        let random = fastrand::Rng::with_seed(source as u64);
        Self { source, random, secrets: Vec::new(), variables: Vec::new(), set: Vec::new() }
    }

    /// The file with a secret of each shape in each field, or with what says where it stands.
    pub(crate) fn plant(&mut self, mut file: File, folder: &Path) -> File {
        let mut profile = vec!["version = 1".to_owned()];
        let mut fields = vec![("admin.token".to_owned(), SHAPES[0], String::new())];
        fields.push(("observability.otlp_headers.authorization".to_owned(), SHAPES[7], String::new()));
        for (number, shape) in SHAPES.iter().enumerate() {
            // A tab is no sign that a header or a variable of ours must hold.
            fields.push((format!("observability.otlp_headers.x-{number}"), shape, String::new()));
            fields.push((format!("pools.p{number}.url"), shape, "sqlite://user:§@x?mode=memory".to_owned()));
        }
        file = file.text("probes.checks.web.kind", "http").with("probes.checks.web.critical", "false");
        fields.push(("probes.checks.web.url".to_owned(), SHAPES[1], "http://127.0.0.1:1/?token=§".to_owned()));
        for (number, (key, shape, around)) in fields.into_iter().enumerate() {
            let secret = self.next(&key, &shape.replace('\t', " "));
            let value = if around.is_empty() { secret } else { around.replace('§', &percent(&secret)) };
            let path = folder.join(format!("secret-{number}"));
            match self.source {
                // An address that is no secret as a whole stands in the file.
                Source::Env | Source::File if key.starts_with("probes.") => file = file.text(&key, &value),
                Source::Inline => file = file.text(&key, &value),
                Source::Env => {
                    file = file.text(&format!("{key}.env"), &format!("SECRET_{number}"));
                    self.variables.push((format!("SECRET_{number}"), value));
                }
                Source::File => {
                    fs::write(&path, value + "\n").expect("a file");
                    file = file.secret(&key, &path);
                }
                Source::Variable => {
                    self.variables.push((format!("OPS_{}", key.to_uppercase().replace('.', "__")), value));
                }
                Source::Set => self.set.push(format!("{key}={value}")),
                Source::Profile => profile.push(format!("{key} = {}", toml::Value::from(value))),
            }
        }
        if self.source == Source::Profile {
            fs::write(folder.join("ops.hidden.toml"), profile.join("\n")).expect("a file");
            self.variables.push(("OPS_PROFILE".to_owned(), "hidden".to_owned()));
        }
        // A standard variable that holds a secret.
        let header = self.next("OTEL_EXPORTER_OTLP_HEADERS", SHAPES[0]);
        self.variables.push(("OTEL_EXPORTER_OTLP_HEADERS".to_owned(), format!("x-otel={header}")));
        file
    }

    /// What stands in the query of the collector's address.
    pub(crate) fn query(&mut self) -> String {
        percent(&self.next("observability.otlp_endpoint", SHAPES[3]))
    }

    /// Files that are broken in some place, each with a name for it.
    pub(crate) fn broken(&mut self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for place in BROKEN {
            let secret = self.next(place, SHAPES[0]);
            let text = place.replace('§', &secret);
            // Keys of the top level come before any table.
            let text =
                if text.starts_with('[') { format!("version = 1\n{text}\n") } else { format!("{text}\nversion = 1\n") };
            all.push((place.to_owned(), text));
        }
        all
    }

    pub(crate) fn token(&self) -> String {
        self.secrets[0].text.clone()
    }

    /// What the exporter sends as `authorization`.
    pub(crate) fn header(&self) -> String {
        self.secrets[1].text.clone()
    }

    fn next(&mut self, place: &str, shape: &str) -> String {
        let secret = Planted::new(format!("{:?}: {place:?} {shape}", self.source), shape, &mut self.random);
        self.secrets.push(secret.clone());
        secret.text
    }
}

/// As it stands in an address.
fn percent(text: &str) -> String {
    let encoded = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            (byte as char).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encoded).collect()
}
