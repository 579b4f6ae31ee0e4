//! The real program under programs that people use: vim, promtool, curl.

mod curl;
mod promtool;
mod vim;

use libtest_mimic::Arguments;
use ops_tests::outside::trial;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = vec![
        trial("vim", "a_save_by_vim_takes_effect", vim::a_save_takes_effect),
        trial("promtool", "the_metrics_are_clean", promtool::the_metrics_are_clean),
        trial("curl", "both_protocols_are_spoken_on_one_port", curl::both_protocols_are_spoken),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}
