//! What speaks against a verdict.

/// Why a view cannot be judged at once; the strongest reason of all its files counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// None: it is what is in force.
    None,
    /// Only whether it is a good whole: an event called it whole.
    Called,
    /// No event called it whole.
    Quiet,
    /// Its writer has had it open for so long that other files wait for it no more.
    Held,
    /// It looks half written.
    Unfinished,
    /// Its writer has it open.
    Open,
}
