//! `SQLite`: files of this process, and data in its memory.

use super::{target::Target, Driver};
use ops_config::value::DatabaseKind;
use sqlx::{sqlite::SqliteConnectOptions, Sqlite};
use std::{
    path::PathBuf,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Tells one in-memory database of this process from the next.
static MEMORY: AtomicU64 = AtomicU64::new(1);

impl Driver for Sqlite {
    const KIND: DatabaseKind = DatabaseKind::Sqlite;
    /// There is no other side that could go away.
    const CAN_BREAK: bool = false;
    /// It ends when the last query on it does. Dropped before, the file would be open and nobody would count it.
    const CLOSE_WITHIN: Option<Duration> = None;
    const LINGERS: Duration = Duration::ZERO;

    /// A database in memory is opened through `SQLite`'s `memdb` file system, one for each parse of the address.
    ///
    /// Not through a shared cache, as sqlx would: there, a reader beside a writer fails at once with "table is
    /// locked", which no busy timeout covers. `memdb` locks as a file does, so the busy timeout holds.
    fn target(url: &str) -> Result<Target<Self>, sqlx::Error> {
        let options = SqliteConnectOptions::from_str(url)?;
        let rest = url.trim_start_matches("sqlite://").trim_start_matches("sqlite:");
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let is_ephemeral = path == ":memory:" || parameters.split('&').any(|pair| pair == "mode=memory");
        let options = if is_ephemeral {
            let name = format!("/ops-{}", MEMORY.fetch_add(1, Relaxed));
            options.in_memory(false).shared_cache(false).vfs("memdb").filename(name)
        } else {
            options
        };
        Ok(Target::new(url, options, is_ephemeral))
    }

    /// `SQLite` opens any file, a text too, and reads it with the first statement that needs it.
    async fn prove(connection: &mut Self::Connection) -> Result<(), sqlx::Error> {
        sqlx::query("PRAGMA schema_version").execute(connection).await.map(drop)
    }
}

/// The file that opening an address would make, where it is not there yet. Only `SQLite` makes databases.
pub(crate) fn file_to_make(url: &str) -> Option<PathBuf> {
    if DatabaseKind::of(url) != Some(DatabaseKind::Sqlite) {
        return None;
    }
    let (_, parameters) = url.split_once('?')?;
    let makes = |mode: &str| parameters.split('&').any(|pair| pair == mode);
    if !makes("mode=rwc") || makes("mode=memory") {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    let file = options.get_filename();
    (!file.exists()).then(|| file.to_owned())
}
