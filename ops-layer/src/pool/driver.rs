//! What differs from one kind of database to the next.

use ops_config::value::MASK;
use sqlx::{sqlite::SqliteConnectOptions, Connection, Database, Sqlite};
use std::{
    borrow::Cow,
    fmt,
    future::Future,
    path::PathBuf,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// A kind of database a pool can open.
pub trait Driver: Database {
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

/// Where connections are opened.
pub struct Target<DB: Driver> {
    options: <DB::Connection as Connection>::Options,
    is_ephemeral: bool,
    password: Option<String>,
}

impl<DB: Driver> Target<DB> {
    /// The driver's options, and whether the data are gone with the last connection, so that one must always stay.
    #[must_use]
    pub fn new(url: &str, options: <DB::Connection as Connection>::Options, is_ephemeral: bool) -> Self {
        Self { options, is_ephemeral, password: password(url).map(str::to_owned) }
    }

    /// The driver's options.
    #[must_use]
    pub fn options(&self) -> &<DB::Connection as Connection>::Options {
        &self.options
    }

    /// Whether the data are gone with the last connection.
    #[must_use]
    pub const fn is_ephemeral(&self) -> bool {
        self.is_ephemeral
    }

    /// A text of the driver with the password replaced.
    #[must_use]
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        mask(text, self.password.as_deref())
    }
}

impl<DB: Driver> fmt::Debug for Target<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the options: the driver prints the password.
        f.debug_struct("Target").field("is_ephemeral", &self.is_ephemeral).finish_non_exhaustive()
    }
}

/// A text about an address with the password of that address replaced.
pub(super) fn mask_of<'t>(url: &str, text: &'t str) -> Cow<'t, str> {
    mask(text, password(url))
}

fn mask<'t>(text: &'t str, password: Option<&str>) -> Cow<'t, str> {
    match password {
        Some(password) => text.replace(password, MASK).into(),
        None => text.into(),
    }
}

/// What stands between the first `:` of the user and the last `@`.
fn password(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("//")?;
    let (user, _) = rest.rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty())
}

/// The file that opening an address would make, where it is not there yet.
pub(crate) fn file_to_make(url: &str) -> Option<PathBuf> {
    let (_, parameters) = url.split_once('?')?;
    let makes = |mode: &str| parameters.split('&').any(|pair| pair == mode);
    if !makes("mode=rwc") || makes("mode=memory") {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    let file = options.get_filename();
    (!file.exists()).then(|| file.to_owned())
}

/// Tells one in-memory database of this process from the next.
static MEMORY: AtomicU64 = AtomicU64::new(1);

impl Driver for Sqlite {
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
