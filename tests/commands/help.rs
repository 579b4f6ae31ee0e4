//! Every help text.

use crate::run::Folder;
use insta::assert_snapshot;

const COMMANDS: [&str; 8] = ["serve", "check", "explain", "show", "diff", "init", "schema", "completions"];

#[test]
fn the_help_of_the_program_lists_the_commands() {
    let folder = Folder::new();
    let help = folder.ops(&["--help"]).good();
    assert!(COMMANDS.iter().all(|command| help.contains(&format!("\n  {command}"))), "{help}");
    assert_snapshot!("ops", help);
}

#[test]
fn each_command_has_help_that_reads_well() {
    let folder = Folder::new();
    for command in COMMANDS {
        let help = folder.ops(&[command, "--help"]).good();
        assert!(help.contains("\nExamples:\n") && help.contains("\nExit code: 0 "), "{command}: {help}");
        let too_long = help.lines().find(|line| line.chars().count() > 110);
        assert_eq!(too_long, None, "{command}");
        assert_snapshot!(command, help);
    }
}

#[test]
fn the_version_is_told() {
    assert!(Folder::new().ops(&["--version"]).good().starts_with("ops "));
}
