//! The whole layer as a program holds it: a file, the stack, reloads.

mod given_up;
mod idle;
mod pinned;
mod refused;
mod repeated;
mod service;
mod untouched;
