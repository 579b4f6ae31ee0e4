//! Event sequences with what must come of them, replayed through the code of the example.
//!
//! A line is a request to the example, with the answer that is expected under `expect` (left out:
//! `{"ok":true}`). A line with `vector` begins another sequence: its name, whose semantics it pins under
//! `pins`, and under `differs` where those who have such a breaker do otherwise.

#[path = "../../examples/replay/mod.rs"]
mod replay;

mod program;
mod vector;

use replay::Replay;
use vector::Vector;

/// Replays a vector; what went otherwise than expected.
fn faults(vector: &Vector) -> Vec<String> {
    let mut replay = Replay::begin().expect("a runtime");
    let answers = vector.steps.iter().map(|step| (step, replay.answer(step.request.as_bytes())));
    let wrong = answers.filter(|(step, answer)| *answer != step.expected);
    wrong.map(|(step, answer)| format!("{}: {answer}", step.place)).collect()
}

#[test]
fn every_vector_is_answered_as_expected() {
    let vectors = vector::all();
    assert!(vectors.len() >= 60, "only {} vectors", vectors.len());
    let faults: Vec<_> = vectors
        .iter()
        .flat_map(|vector| faults(vector).into_iter().map(move |fault| format!("{:?}: {fault}", vector.name)))
        .collect();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_vector_has_a_name_of_its_own_and_says_whose_semantics_it_pins() {
    let vectors = vector::all();
    let mut names: Vec<_> = vectors.iter().map(|vector| &vector.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), vectors.len());
    assert!(vectors.iter().all(|vector| !vector.pins.is_empty()));
    for whose in ["Property 6", "Resilience4j", "Polly", "Envoy", "linkerd"] {
        assert!(vectors.iter().any(|vector| vector.pins.contains(whose)), "{whose}");
    }
}

#[test]
fn a_vector_that_expects_something_else_is_noticed() {
    let lines = [
        r#"{"vector":"wrong","pins":"nobody"}"#,
        r#"{"op":"new","config":{"failure_threshold":1}}"#,
        r#"{"op":"begin","call":"a","expect":{"admitted":false}}"#,
    ];
    let vectors = vector::read("here", &lines.join("\n"));
    assert_eq!(faults(&vectors[0]), [r#"here:3: {"admitted":true}"#]);
}
