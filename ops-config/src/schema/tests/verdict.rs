//! The schema and serde give the same verdict.
