//! All of a save is in force, or none of it, and no secret is said.
//!
//! | file | what it shows |
//! |---|---|
//! | `file` | a configuration as a list of keys, to change one at a time |
//! | `collector` | takes spans over either protocol, and tells what came with them |
//! | `fault` | each way in which a configuration that checks out cannot be built |
//! | `rejected` | a thousand of those leave nothing behind, and disturb nobody |
//! | `rotated` | a secret changes under load, and no request, query or span is lost |

mod collector;
mod fault;
mod file;
mod rejected;
mod rotated;
