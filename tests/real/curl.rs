//! curl, as the README has it.

use ops_tests::{
    outside::run,
    service::{Service, QUIET},
};
use std::{path::PathBuf, process::Command};

pub(crate) async fn both_protocols_are_spoken(curl: PathBuf) {
    let service = Service::start(QUIET).await;
    for (option, version) in [("--http1.1", "1.1"), ("--http2-prior-knowledge", "2")] {
        let mut command = Command::new(&curl);
        command.args(["-sS", option, "--noproxy", "*", "-w", " %{http_code} %{http_version}"]);
        let (output, said) = run(command.arg(format!("http://{}/ok", service.server)));
        assert!(output.status.success(), "{said}");
        assert_eq!(said.split_whitespace().collect::<Vec<_>>(), ["ok", "200", version]);
    }
    let mut command = Command::new(&curl);
    let (_, config) = run(command.args(["-sS", "--noproxy", "*"]).arg(format!("http://{}/config", service.admin)));
    assert!(config.contains("\"generation\""), "{config}");
}
