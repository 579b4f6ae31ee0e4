//! The real program as a new user meets it: started, asked, edited while it runs, broken
//! on purpose, and ended under load.
//!
//! | file | what it shows |
//! |---|---|
//! | `begin` | what stands after a start, and what a start that cannot be says |
//! | `context` | trace headers as they come over the wire, and what is handed on |
//! | `edit` | a save takes effect in the next requests, the metrics and `GET /config` |
//! | `endurance` | many saves: how soon each is in force, and what they leave behind |
//! | `force` | an operator holds a circuit breaker, over reloads, until its end or until it is let go |
//! | `handover` | listeners trade places in one save, or none of them moves |
//! | `log` | the log follows the file, and holds up nobody |
//! | `operator` | who may ask the operator's listener, and what is not sent twice |
//! | `probation` | a save that breaks the service is taken back, and an operator takes back any |
//! | `systemd` | under a service manager: told how it is, given its sockets, ended whenever |
//! | `trace` | a request is seen whole in `GET /traces`, with nothing installed around the service |
//! | `reject` | a broken save changes nothing and says which line |
//! | `units` | the units of systemd ask for nothing that the program does not do |
//! | `unbroken` | no request notices a reload, good or bad |
//! | `drain` | Property 3: SIGTERM loses no request |
//! | `deadline` | Property 4: whatever hangs, the process is gone by its deadline |

mod begin;
mod context;
mod deadline;
mod drain;
mod edit;
mod endurance;
mod force;
mod handover;
mod log;
mod operator;
mod probation;
mod reject;
mod systemd;
mod trace;
mod unbroken;
mod units;
