//! `ops check --live`: a start that is only tried.

use crate::running::{ask, Place, Silent};
use ops_config::{
    check::Checked,
    diagnostic::{Code, Report, Violation},
    source::{Draft, Sources, Texts},
};
use ops_layer::Ops;
use std::sync::Arc;

/// What did not open.
pub(crate) struct Faults(Vec<Violation>);

impl Faults {
    /// With the lines they are about.
    pub(crate) fn report(self, sources: &Sources, texts: &Texts) -> Report {
        let texts = Draft::gather(sources, texts).map(|draft| draft.texts().to_vec());
        Report::new(self.0, texts.unwrap_or_default())
    }
}

/// Opens what a configuration names, and closes it again.
pub(crate) fn rehearse(checked: &Arc<Checked>) -> Result<(), Faults> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Faults(vec![no_runtime(&error)]))?;
    let outcome = runtime.block_on(async {
        let Err(mut faults) = Ops::rehearse(checked).await else { return Ok(()) };
        if faults.iter().any(is_held) {
            tell_of_the_holder(&mut faults, checked).await;
        }
        Err(Faults(faults))
    });
    // A check that hangs in a system call must not hold the exit.
    runtime.shutdown_background();
    outcome
}

/// Where a service of ours is what holds the addresses, that is said instead of how to end a stranger.
async fn tell_of_the_holder(faults: &mut [Violation], checked: &Checked) {
    let at = Place::from(checked.config().admin.listen.get());
    // Without the token: whoever holds the address may be anyone.
    let holder = match ask(&at, None).await {
        Ok(in_force) => format!("a service with ops is running there, generation {}", in_force.generation),
        Err(Silent::TokenWanted { is_ours: true, .. }) => {
            "a service with ops may be running there, which wants a token".to_owned()
        }
        Err(_) => return,
    };
    for fault in faults.iter_mut().filter(|fault| is_held(fault)) {
        fault.help = Some(format!("{holder}; `ops diff --running {at}` tells what a save would do to it"));
    }
}

/// Whether somebody else has the address; one that this machine does not have nobody holds.
fn is_held(fault: &Violation) -> bool {
    fault.code == Code::Bind && fault.found.as_ref().is_some_and(|found| found.ends_with("in use"))
}

fn no_runtime(error: &std::io::Error) -> Violation {
    Violation {
        code: Code::CannotBuild,
        key: ops_config::diagnostic::KeyPath::root(),
        origin: ops_config::diagnostic::Origin::Default,
        found: Some(format!("not to be tried: {error}")),
        expected: "a thread to run on".to_owned(),
        help: None,
        notes: Vec::new(),
    }
}
