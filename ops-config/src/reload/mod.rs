//! From a changed file to a new generation, or to a reason why not.
//!
//! One task, one queue. File events, the poll, a signal and the admin route all mean
//! the same: look at the files. What [`watch`](crate::watch) lets through is read,
//! checked and built; only then one store puts it in force and what was built is
//! handed over, which cannot fail. So a reload ends in exactly one [`Outcome`], and
//! whatever goes wrong before the store leaves everything as it was.
//!
//! A content is judged once. One that was rejected is not tried again until it
//! changes or somebody asks; one that means what is in force already (an edit of
//! comments) makes no generation, and clears the last error all the same.
//!
//! A configuration that came in force may be on probation: how the service does is watched for a
//! while ([`Trial`]), and where it breaks, the last one that is proven is built and put in force
//! again, as a new generation. [`Trail`] says where the way back leads, for that and for whoever asks.
//!
//! The [`Build`] is the program's own part. It may be slow, fail or panic: reloading goes on.

mod ask;
mod build;
mod driver;
mod examine;
mod fault;
mod guard;
mod handle;
mod history;
mod log;
mod look;
mod outcome;
mod probation;
mod revision;
mod rollback;
mod rotation;
mod start;
mod status;
mod swap;
mod trail;

pub use crate::diagnostic::Stage;
pub use ask::{Answer, Declined, Wish};
pub use build::{Build, Built};
pub use handle::{ReloadHandle, Running};
pub use history::{Cause, Entry, History, Probation};
pub use outcome::{LastError, LastReload, Outcome};
pub use probation::{Baseline, Symptom, Trial, Verdict, Vitals, MIN_REQUESTS, MIN_SHARE};
pub use revision::{NotARevision, Revision};
pub use start::start;
pub use status::{Counts, Status};
pub use trail::{Document, GivenUp, Grounds, Step, Trail};
