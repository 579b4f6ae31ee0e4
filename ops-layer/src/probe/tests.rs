//! Probes against their promises.

mod answers;
mod checks;
mod probes;
mod record;
