//! What the tests of the real program are made of.
