//! Reloading on real files, in temporary folders: every way in which editors, people and
//! orchestrators replace a file.

mod driver;
mod links;
mod rig;
mod saves;
mod secrets;
