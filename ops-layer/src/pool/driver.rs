//! What differs from one kind of database to the next.

use super::target::Target;
use ops_config::value::DatabaseKind;
use sqlx::Database;
use std::{future::Future, time::Duration};

/// A kind of database a pool can open.
pub trait Driver: Database {
    /// What the addresses of it name.
    const KIND: DatabaseKind;

    /// Whether a connection can break while nobody uses it. Then it is asked before it is lent after a pause.
    const CAN_BREAK: bool;

    /// How long closing may take before the connection is dropped instead. None: as long as it takes.
    const CLOSE_WITHIN: Option<Duration>;

    /// How long a server goes on counting a connection that was closed. Another is opened in its place only then, or
    /// the server would count more than the maximum.
    const LINGERS: Duration;

    /// Reads an address. All connections of a pool are opened with what one reading gave.
    ///
    /// # Errors
    /// When the driver cannot read it.
    fn target(url: &str) -> Result<Target<Self>, sqlx::Error>;

    /// Reads something of the database, where opening a connection does not.
    ///
    /// # Errors
    /// When it is no database, or nothing can be read of it.
    fn prove(connection: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}
