use super::{judge, Answer};
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

const CODES: i32 = 17;

#[test]
fn six_codes_may_change_and_all_others_are_final() {
    let later: Vec<_> = (0..CODES)
        .map(Code::from_i32)
        .filter(|code| matches!(judge(&Status::new(*code, "")), Answer::Later { after: None, .. }))
        .collect();
    let expected =
        [Code::Cancelled, Code::DeadlineExceeded, Code::Aborted, Code::OutOfRange, Code::Unavailable, Code::DataLoss];
    assert_eq!(later.len(), expected.len(), "{later:?}");
    assert!(expected.iter().all(|code| later.contains(code)), "{later:?}");
}

#[test]
fn what_is_exhausted_recovers_when_the_collector_says_when() {
    let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(3)));
    for code in [Code::ResourceExhausted, Code::Unavailable] {
        let answer = judge(&Status::with_error_details(code, "", details.clone()));
        let Answer::Later { after, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(after, Some(Duration::from_secs(3)));
    }
    let answer = judge(&Status::with_error_details(Code::InvalidArgument, "", details));
    assert!(matches!(answer, Answer::Refused { .. }), "{answer:?}");
}

#[test]
fn what_a_collector_writes_is_not_repeated() {
    let answer = judge(&Status::unauthenticated("no such token: s3cret"));
    let Answer::Refused { cause } = answer else { panic!("{answer:?}") };
    assert!(!cause.contains("s3cret"), "{cause}");
}
