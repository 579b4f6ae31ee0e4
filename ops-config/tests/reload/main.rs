//! Reloading on real files, in temporary folders: every way in which editors, people and
//! orchestrators replace a file.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "../inputs/case.rs"]
mod case;
mod driver;
mod history;
mod inputs;
mod links;
mod log;
mod probation;
mod rig;
mod rollback;
mod rotation;
mod saves;
mod secrets;
mod sequence;
mod unchanged;
