//! vim as the editor.

use ops_tests::{
    outside::run,
    service::{Service, QUIET},
};
use std::{path::PathBuf, process::Command};

/// Its three ways to save: another file takes the name, the file is rewritten, or as it sees fit.
pub(crate) async fn a_save_takes_effect(vim: PathBuf) {
    let service = Service::start(&format!("{QUIET}sampling_rate = 0.1\n")).await;
    for (at, backup) in ["no", "yes", "auto"].into_iter().enumerate() {
        let before = service.config().await["generation"].as_u64().expect("a number");
        let rate = format!("0.{}", at + 2);
        let mut command = Command::new(&vim);
        // As a person has it: backups and swap files beside the file.
        command
            .args(["-u", "NONE", "-i", "NONE", "-es", "-c"])
            .arg(format!("set nocp backup writebackup backupcopy={backup}"));
        command.arg("-c").arg(format!("%s/sampling_rate = .*/sampling_rate = {rate}/")).args(["-c", "wq"]);
        let (output, said) = run(command.arg(service.process.file()));
        assert!(output.status.success(), "{said}");
        let applied = service.config_once("the save", |config| config["generation"] != before).await;
        assert_eq!(applied["generation"], before + 1, "one save, one generation");
        assert_eq!(applied["value"]["observability"]["sampling_rate"].to_string(), rate, "backupcopy={backup}");
    }
}
