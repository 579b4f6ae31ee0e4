//! Which attempt of a call a request is.

/// Which attempt of a call a request is; the first is 1. An extension of the request, there where something repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt(pub u32);
