//! The real program under programs that people use: vim, promtool, Prometheus, curl.

mod curl;
mod expression;
mod prometheus;
mod promtool;
mod scraped;
mod vim;

use libtest_mimic::{Arguments, Trial};
use ops_tests::outside::trial;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = vec![
        trial("vim", "a_save_by_vim_takes_effect", vim::a_save_takes_effect),
        trial("promtool", "the_metrics_are_clean", promtool::the_metrics_are_clean),
        trial("promtool", "the_alerts_are_read", promtool::the_alerts_are_read),
        trial("promtool", "the_alerts_fire_when_they_should", promtool::the_alerts_fire),
        trial("prometheus", "what_was_sent_is_asked_back", scraped::what_was_sent_is_asked_back),
        trial("prometheus", "the_samples_ask_for_what_exists", scraped::the_samples_ask_for_what_exists),
        Trial::test("names_are_found_in_an_expression", || {
            expression::names_are_found();
            Ok(())
        }),
        trial("curl", "both_protocols_are_spoken_on_one_port", curl::both_protocols_are_spoken),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}
