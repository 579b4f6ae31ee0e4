//! Each way in which a configuration that checks out cannot be built.

use crate::file::File;
use std::{fs, net::TcpListener, path::Path};

/// Changes a configuration so that it cannot be built.
type Break = Box<dyn Fn(File) -> File>;

/// One way.
pub(crate) struct Fault {
    /// The key that is told.
    pub(crate) key: &'static str,
    pub(crate) stage: &'static str,
    make: Break,
}

impl Fault {
    /// The configuration with this fault.
    pub(crate) fn within(&self, file: File) -> File {
        (self.make)(file)
    }

    fn new(key: &'static str, stage: &'static str, make: impl Fn(File) -> File + 'static) -> Self {
        Self { key, stage, make: Box::new(make) }
    }
}

/// All of them, with what they need in `folder`; and the neighbour that holds their port.
pub(crate) fn all(folder: &Path) -> (Vec<Fault>, TcpListener) {
    let neighbour = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = neighbour.local_addr().expect("its address");
    let (gone, text) = (folder.join("gone"), folder.join("a-text"));
    fs::write(&text, "This is no database, however often it is opened.\n".repeat(100)).expect("a file");
    // Was there when it was written down, and is not when it is opened.
    let vanished = format!("sqlite://{}", gone.join("data.db").display());
    let no_database = format!("sqlite://{}", text.display());
    let pool = |key, url: String| Fault::new(key, "build", move |file| file.text(key, &url));
    let listener = |key, taken: String| Fault::new(key, "build", move |file| file.text(key, &taken));
    let faults = vec![
        listener("server.listen", taken.to_string()),
        listener("admin.listen", taken.to_string()),
        Fault::new("observability.metrics_port", "build", move |file| {
            file.text("observability.metrics_host", "127.0.0.1")
                .with("observability.metrics_port", &taken.port().to_string())
        }),
        pool("pools.main.url", vanished.clone()),
        pool("pools.another.url", no_database),
        pool("pools.zoo.url", vanished),
        Fault::new("observability.otlp_endpoint", "build", |file| {
            // Longer than any client takes.
            file.text("observability.otlp_endpoint", &format!("https://127.0.0.1:1/{}", "x".repeat(70_000)))
        }),
        Fault::new("observability.otlp_headers.x-last", "rule", move |file| {
            file.secret("observability.otlp_headers.x-last", &gone)
        }),
    ];
    (faults, neighbour)
}

/// Everything that can be new at once, so that each step of a build has made something when another fails.
pub(crate) fn renewed(file: File, folder: &Path, number: usize) -> File {
    let data = folder.join("renewed.db");
    let url = format!("sqlite://{}?mode=rwc", data.display());
    let collector = if number.is_multiple_of(2) { "grpc" } else { "http/protobuf" };
    file.text("server.listen", "127.0.0.2:0")
        .text("admin.listen", "127.0.0.2:0")
        .text("observability.metrics_host", "127.0.0.2")
        .text("observability.otlp_protocol", collector)
        .text("observability.otlp_headers.x-new", &format!("number {number}"))
        .with("observability.sampling_rate", "0.5")
        .with("observability.latency_buckets", "[0.1, 0.2]")
        .text("pools.main.url", &url)
        .text("pools.more.url", &url)
        .with("pools.more.min_connections", "3")
        .text(&format!("pools.new-{number}.url"), "sqlite::memory:")
        .with(&format!("breakers.new-{number}.failure_threshold"), "2")
        .with("breakers.tripped.failure_threshold", "9")
        .text("probes.checks.main.kind", "pool")
        .text("probes.checks.main.pool", "main")
        .with("limits.max_in_flight", "7")
}
