//! Where such limits have failed their users.

use super::server::{Outcome, Server};

/// Forty at once, 50 ms each: 800 requests a second.
fn server() -> Server {
    Server::new(40, 50.0, "floor = 10\nceiling = 1000\n")
}

/// The share of requests that were refused.
#[expect(clippy::cast_precision_loss, reason = "a share of a few thousand requests")]
fn refused(outcome: Outcome) -> f64 {
    outcome.refused as f64 / (outcome.answered + outcome.refused).max(1) as f64
}

#[test]
fn a_healthy_service_is_not_hindered_after_its_first_seconds() {
    for per_second in [5.0, 100.0, 400.0, 700.0] {
        let mut server = server();
        server.run(10.0, per_second);
        let outcome = server.run(600.0, per_second);
        assert!(refused(outcome) < 0.005, "{per_second} a second: {outcome:?}, bound {}", server.bound());
    }
}

#[test]
fn an_overload_that_lasts_is_refused_and_never_learnt_as_normal() {
    let mut server = server();
    server.run(60.0, 600.0);
    for minute in 0..30 {
        let outcome = server.run(60.0, 1600.0);
        // Half of it is too much; who is let in waits about as long as is tolerated.
        assert!((40..=140).contains(&server.bound()), "after {minute} minutes: {}", server.bound());
        assert!((0.4..0.6).contains(&refused(outcome)), "after {minute} minutes: {outcome:?}");
    }
    // What it can do it goes on doing.
    assert!(server.run(10.0, 1600.0).answered > 7500);
}

#[test]
fn after_an_overload_it_takes_on_all_again_within_ten_seconds() {
    let mut server = server();
    server.run(60.0, 600.0);
    server.run(120.0, 3000.0);
    server.run(10.0, 600.0);
    assert!(refused(server.run(60.0, 600.0)) < 0.005);
}

#[test]
fn a_limit_that_is_not_used_does_not_grow_and_does_not_fall() {
    let mut server = server();
    server.run(600.0, 200.0);
    let bound = server.bound();
    assert!(bound <= 80, "ten at once on average, and {bound}");
    server.run(600.0, 20.0);
    assert_eq!(server.bound(), bound, "hardly a request");
    server.run(3600.0, 0.01);
    assert_eq!(server.bound(), bound, "and idle");
    assert!(refused(server.run(10.0, 200.0)) < 0.01, "back from where it was");
}

#[test]
fn a_burst_of_one_slow_route_does_not_drag_the_others_down() {
    let mut server = Server::new(400, 50.0, "floor = 10\nceiling = 1000\n");
    server.run(60.0, 1000.0);
    let before = server.bound();
    server.slow = (0.3, 500.0);
    let outcome = server.run(20.0, 1000.0);
    assert!(server.bound() >= before, "{} after {before}", server.bound());
    assert!(refused(outcome) < 0.1, "{outcome:?}");
    server.slow = (0.0, 0.0);
    assert!(refused(server.run(60.0, 1000.0)) < 0.005);
}

#[test]
fn a_service_that_takes_twice_as_long_for_good_is_hindered_for_ten_windows_at_most() {
    for per_second in [50.0, 1000.0, 3000.0] {
        // As many workers as anyone could want: nobody waits, before or after.
        let mut server = Server::new(5000, 50.0, "floor = 10\nceiling = 1000\n");
        server.run(60.0, per_second);
        server.work = 100.0;
        server.run(10.0, per_second);
        let outcome = server.run(60.0, per_second);
        assert!(refused(outcome) < 0.02, "{per_second} a second: {outcome:?}, bound {}", server.bound());
    }
}

#[test]
fn where_a_lower_limit_makes_nothing_faster_it_is_taken_back() {
    // Always in use, so that nothing is learnt but by the experiment.
    let mut server = Server::new(5000, 50.0, "floor = 10\nceiling = 150\n");
    server.run(60.0, 1000.0);
    server.work = 100.0;
    server.run(10.0, 1000.0);
    assert!(refused(server.run(60.0, 1000.0)) < 0.02, "bound {}", server.bound());
}

#[test]
fn a_service_that_becomes_faster_is_not_hindered() {
    let mut server = server();
    server.run(120.0, 600.0);
    server.work = 10.0;
    server.run(20.0, 600.0);
    assert!(refused(server.run(120.0, 600.0)) < 0.005);
}

#[test]
fn a_service_that_loses_half_of_its_workers_is_protected_and_gets_them_back() {
    let mut server = server();
    server.run(120.0, 600.0);
    server.workers = 20;
    server.run(20.0, 600.0);
    // 400 a second are left.
    let outcome = server.run(120.0, 600.0);
    assert!((0.25..0.45).contains(&refused(outcome)) && server.bound() <= 80, "{outcome:?}, {}", server.bound());
    server.workers = 40;
    server.run(20.0, 600.0);
    assert!(refused(server.run(60.0, 600.0)) < 0.005);
}

#[test]
fn failures_at_once_do_not_pass_for_a_fast_service() {
    let mut server = server();
    server.run(60.0, 600.0);
    server.failing = 0.9;
    server.run(60.0, 600.0);
    server.failing = 0.0;
    assert!(refused(server.run(60.0, 600.0)) < 0.02, "bound {}", server.bound());
}

#[test]
fn a_floor_above_what_the_service_can_take_is_kept_and_not_left_behind() {
    let mut server = Server::new(4, 50.0, "floor = 10\nceiling = 1000\n");
    server.run(1800.0, 400.0);
    assert!((10..=40).contains(&server.bound()), "{}", server.bound());
}

/// Feature: production-excellence, Property 22: what was learnt is kept through edits, within the new bounds.
#[test]
fn edits_keep_what_was_learnt() {
    let mut server = server();
    server.run(60.0, 700.0);
    let learned = server.bound();
    for (table, expected) in [
        ("window = \"2s\"\n", learned),
        ("ceiling = 20\n", 20),
        ("mode = \"observe\"\n", learned),
        ("floor = 500\n", 500),
        ("tolerance = 2.0\n", learned),
    ] {
        server.reload(table);
        assert_eq!(server.bound(), expected, "{table}");
    }
    server.reload("");
    assert!(refused(server.run(10.0, 700.0)) < 0.02);
}
