//! Probes against their promises.

mod checks;
mod probes;
mod record;
