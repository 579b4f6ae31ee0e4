//! All of a save is in force, or none of it, and no secret is said.
//!
//! | file | what it shows |
//! |---|---|
//! | `file` | a configuration as a list of keys, to change one at a time |
//! | `collector` | takes spans over either protocol, and tells what came with them |
//! | `fault` | each way in which a configuration that checks out cannot be built |
//! | `hidden` | Property 25: no secret is in anything the process says |
//! | `plant` | secrets in every field and source, and where they may have got by mistake |
//! | `rejected` | a thousand of those leave nothing behind, and disturb nobody |
//! | `rotated` | a secret changes under load, and no request, query or span is lost |

mod collector;
mod fault;
mod file;
mod hidden;
mod plant;
mod rejected;
mod rotated;
mod secret;
