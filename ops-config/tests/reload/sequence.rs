//! Any sequence of saves, rollbacks and broken probations on a real file, against a written model.

use crate::rig::{on_trial, text, Rig, PANICS};
use ops_config::reload::{Declined, Outcome, Probation, Stage, Vitals};
use proptest::{collection::vec, prelude::*, test_runner::TestCaseError};
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// A good save, on probation or not.
    Save { plan: u32, on_trial: bool },
    /// A save that cannot be in force.
    Broken { panics: bool },
    /// The service does badly from now on with what is in force, and what is on trial is given up.
    Ail,
    /// The time of any probation passes.
    Pass,
    /// Somebody asks for the configuration before.
    Undo,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => (1..4u32, any::<bool>()).prop_map(|(plan, on_trial)| Act::Save { plan, on_trial }),
        1 => any::<bool>().prop_map(|panics| Act::Broken { panics }),
        2 => Just(Act::Ail),
        1 => Just(Act::Pass),
        2 => Just(Act::Undo),
    ]
}

/// What a configuration is: its plan, and whether it asks for a probation.
type Config = (u32, bool);

struct Model {
    seq: u64,
    /// The configurations back to the first, each with whether it is proven; the last is in force.
    trail: Vec<(Config, bool)>,
    given_up: Vec<Config>,
    /// What stands in the file; none where that is no configuration.
    file: Option<Config>,
    /// Whether that is a fault.
    faulty: bool,
}

impl Model {
    fn now(&self) -> Config {
        self.trail[self.trail.len() - 1].0
    }

    fn saved(&mut self, next: Config) {
        self.file = Some(next);
        self.faulty = next != self.now() && self.given_up.contains(&next);
        if self.faulty {
            return;
        }
        self.given_up.clear();
        if next == self.now() {
            return;
        }
        let proven = self.trail.iter().rev().find(|(_, is_proven)| *is_proven).map(|(config, _)| *config);
        self.trail.push((next, !next.1 || proven == Some(next)));
        self.seq += 1;
    }

    fn go_back(&mut self, to: usize) {
        self.given_up.push(self.now());
        self.trail.truncate(to + 1);
        self.trail[to].1 = true;
        let now = self.now();
        self.given_up.retain(|config| *config != now);
        self.seq += 1;
        self.faulty = self.file != Some(now);
        if !self.faulty {
            // The next look finds what is in force, which is as good as any.
            self.given_up.clear();
        }
    }
}

/// Well with every plan.
fn heal(rig: &Rig) {
    (1..4).for_each(|plan| rig.probe.does(plan, Vitals::default()));
}

async fn perform(rig: &Rig, model: &mut Model, act: Act) -> Result<(), TestCaseError> {
    match act {
        Act::Save { plan, on_trial: is_on_trial } => {
            rig.rename_save(&if is_on_trial { on_trial(plan, "1m") } else { text(plan) });
            rig.reload().await;
            model.saved((plan, is_on_trial));
        }
        Act::Broken { panics } => {
            rig.rename_save(&if panics { text(PANICS) } else { "version = ".to_owned() });
            let outcome = rig.reload().await;
            prop_assert!(matches!(outcome, Outcome::Rejected { .. }), "{:?}", outcome);
            model.file = None;
            model.faulty = true;
        }
        Act::Ail => {
            let (plan, is_proven) = (model.now().0, model.trail[model.trail.len() - 1].1);
            rig.probe.does(plan, Vitals { is_ready: false, ..Vitals::default() });
            tokio::time::sleep(Duration::from_secs(1)).await;
            heal(rig);
            if let Some(to) = model.trail.iter().rposition(|(_, is_proven)| *is_proven).filter(|_| !is_proven) {
                model.go_back(to);
            }
        }
        Act::Pass => {
            tokio::time::sleep(Duration::from_mins(2)).await;
            let last = model.trail.len() - 1;
            model.trail[last].1 = true;
            prop_assert_ne!(rig.newest().probation, Probation::Running);
        }
        Act::Undo => {
            let outcome = rig.running.handle.rollback().await;
            let to = model.trail.iter().rposition(|(config, _)| *config != model.now());
            match to {
                None => prop_assert_eq!(outcome, Err(Declined::NothingEarlier)),
                Some(to) => {
                    prop_assert!(matches!(outcome, Ok(Outcome::RolledBack { .. })), "{:?}", outcome);
                    model.go_back(to);
                    // The file may hold by chance what is in force again.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
    Ok(())
}

fn agrees(rig: &Rig, model: &Model, act: Act) -> Result<(), TestCaseError> {
    let (now, status) = (rig.now(), rig.status());
    let config = (now.plan, !now.checked.config().reload.probation.get().is_zero());
    prop_assert_eq!((now.seq, config), (model.seq, model.now()), "after {:?}: {:?}", act, status);
    prop_assert_eq!(status.last_error.is_some(), model.faulty, "after {:?}: {:?}", act, status.last_error);
    let applied = status.counts.applied + status.counts.rolled_back;
    prop_assert_eq!(now.seq, 1 + applied, "one change, one generation");
    prop_assert_eq!(rig.newest().generation, now.seq);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Feature: production-excellence, Property 21: after any sequence of saves, good and bad, of rollbacks
    /// and of broken probations, the value in force is the model's, each change made one generation, and
    /// the driver is alive.
    #[test]
    fn what_is_in_force_is_what_the_model_says(acts in vec(act(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let rig = Rig::start(&text(1)).await;
            let mut model = Model { seq: 1, trail: vec![((1, false), true)], given_up: Vec::new(), file: Some((1, false)), faulty: false };
            for act in acts {
                perform(&rig, &mut model, act).await?;
                agrees(&rig, &model, act)?;
            }
            rig.rename_save("version = 1\n[limits]\nmax_in_flight = 77\n");
            rig.until(77).await;
            prop_assert_eq!(rig.status().counts.rejected(Stage::Rule), 0);
            Ok(())
        })?;
    }
}
