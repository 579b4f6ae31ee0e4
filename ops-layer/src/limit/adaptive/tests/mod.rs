//! What must hold of the adaptive limit, against a model of a server on a clock of the test's own.

mod places;
mod server;
mod traffic;
