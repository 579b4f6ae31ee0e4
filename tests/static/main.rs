//! The repository's own rules, held by reading it.
//!
//! A rule is a function from a tree of files to what breaks it. Each is asked twice:
//! about this repository, which must be clean, and about a small tree made to break
//! it, because a rule that cannot fail holds nothing.
//!
//! | file | what it holds |
//! |---|---|
//! | `tree` | the files, their tokens, and the small broken trees |
//! | `suppression` | Property 11: a lint is only suppressed with its reason |
//! | `length` | Property 12: no file above 500 lines |
//! | `regex` | Property 13: patterns are compiled once |
//! | `safety` | Properties 14 and 15: no `unsafe`, and the compiler forbids it everywhere |
//! | `deprecation` | Property 16: what is deprecated says what to use |
//! | `dependency` | Properties 17 and 18: what is declared is used, and declared once |
//! | `import` | modules use only what stands before them |
//! | `layout` | editions, lints, the top level |
//! | `leftover` | nothing half done |
//! | `log` | log lines are fixed events with fields |
//! | `property` | what is promised is claimed by a test |
//! | `sample` | every `ops.toml` in a document, and every sample, checks |

mod dependency;
mod deprecation;
mod import;
mod layout;
mod leftover;
mod length;
mod log;
mod property;
mod regex;
mod safety;
mod sample;
mod suppression;
mod tree;
