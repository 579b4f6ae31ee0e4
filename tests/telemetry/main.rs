//! Traces as somebody else receives them: the real program sends, Python's gRPC and HTTP take,
//! with OpenTelemetry's own messages. What is claimed here was received, not only sent.
//!
//! | file | what it shows |
//! |---|---|
//! | `receiver` | the receiver, which is `receiver.py` |
//! | `span` | what was received |
//! | `traffic` | requests all the while, each with a number that its span shows |
//! | `certificate` | certificates for `localhost` |
//! | `crossing` | a trace that crosses two instances is whole |
//! | `identity` | one id in log, problem, span and outgoing call, recorded or not |
//! | `rate` | Property 2: as many are received as the rate says, by route and by second |
//! | `turn` | the rate, turned up and down by saves under load |
//! | `relocation` | receiver, protocol and headers, changed by saves under load |
//! | `outage` | a receiver that is away for a while, or will not take what it gets |
//! | `stall` | a collector that is dead holds up nothing |
//! | `tls` | over TLS, to whom the system trusts and to nobody else |
//! | `variable` | the `OTEL_*` variables |
//! | `conformance` | `POST /test` as a conformance suite drives it |
//!
//! The receiver's Python is looked for in the folders that `OPS_RECEIVER` lists, then in those of `PATH`.
#![expect(clippy::print_stdout, reason = "a suite says what it has measured")]

mod certificate;
mod conformance;
mod crossing;
mod identity;
mod outage;
mod rate;
mod receiver;
mod relocation;
mod span;
mod stall;
mod tls;
mod traffic;
mod turn;
mod variable;

use libtest_mimic::{Arguments, Trial};
use ops_tests::outside::{needs, trial_with};
use std::{
    future::Future,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They wait for batches more than they work.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let python = receiver::python();
    let python = python.as_deref();
    let trials = vec![
        of(python, "a_trace_of_a_caller_is_received_whole", crossing::a_trace_of_a_caller_is_received_whole),
        of(python, "a_trace_that_begins_here_is_received_whole", crossing::a_trace_that_begins_here_is_received_whole),
        of(python, "a_failure_is_one_to_whoever_met_it", crossing::a_failure_is_one_to_whoever_met_it),
        of(
            python,
            "what_is_not_recorded_has_its_id_everywhere_and_is_not_sent",
            identity::what_is_not_recorded_has_its_id_everywhere_and_is_not_sent,
        ),
        of(
            python,
            "what_is_recorded_has_the_same_id_everywhere",
            identity::what_is_recorded_has_the_same_id_everywhere,
        ),
        of(
            python,
            "what_begins_here_has_one_id_in_the_line_and_the_span",
            identity::what_begins_here_has_one_id_in_the_line_and_the_span,
        ),
        of(python, "a_rate_holds_for_what_is_received", rate::a_rate_holds_for_what_is_received),
        of(python, "no_second_has_more_than_its_share", rate::no_second_has_more_than_its_share),
        of(
            python,
            "a_rate_turned_up_and_down_shows_in_what_is_received",
            turn::a_rate_turned_up_and_down_shows_in_what_is_received,
        ),
        of(
            python,
            "no_span_is_lost_or_doubled_while_the_collector_changes",
            relocation::no_span_is_lost_or_doubled_while_they_change,
        ),
        of(python, "what_could_not_be_sent_is_sent_once_it_can", outage::what_could_not_be_sent_is_sent_once_it_can),
        of(
            python,
            "what_is_refused_is_sent_again_when_it_was_asked_to",
            outage::what_is_refused_is_sent_again_when_it_was_asked_to,
        ),
        of(python, "what_is_rejected_is_dropped_and_said", outage::what_is_rejected_is_dropped_and_said),
        of(python, "spans_arrive_over_tls", tls::spans_arrive_over_tls),
        of(
            python,
            "nothing_is_sent_to_whom_the_system_does_not_trust",
            tls::nothing_is_sent_to_whom_the_system_does_not_trust,
        ),
        of(python, "the_variables_of_opentelemetry_take_effect", variable::they_take_effect),
        of(python, "the_file_is_stronger_than_the_variables", variable::the_file_is_stronger),
        needs(&[], "a_collector_that_refuses_holds_up_nothing", stall::one_that_refuses_holds_up_nothing),
        needs(
            &[],
            "a_collector_that_does_not_accept_holds_up_nothing",
            stall::one_that_does_not_accept_holds_up_nothing,
        ),
        needs(
            &[],
            "a_collector_that_does_not_answer_holds_up_nothing",
            stall::one_that_does_not_answer_holds_up_nothing,
        ),
        needs(&[], "the_trace_is_carried_on_or_begun_anew", conformance::the_trace_is_carried_on_or_begun_anew),
        needs(&[], "what_others_pass_along_is_passed_along", conformance::what_others_pass_along_is_passed_along),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A test that needs a receiver.
fn of<F: Future<Output = ()> + 'static>(python: Option<&Path>, name: &str, test: fn(PathBuf) -> F) -> Trial {
    let run = move |python| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(test(python));
        Ok(())
    };
    trial_with("grpcio", name, python.map(Path::to_owned), run)
}
