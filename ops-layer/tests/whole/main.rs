//! The whole layer as a program holds it: a file, the stack, reloads.

mod pinned;
mod refused;
mod service;
mod untouched;
