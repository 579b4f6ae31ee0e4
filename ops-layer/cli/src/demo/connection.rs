//! A connection of `pools.main`, whatever kind of database that is: the one place that knows how their SQL differs.

use super::db::DbError;
use ops_layer::{
    pool::{Driver, PoolConnection, PoolError},
    Ops,
};
use sqlx::{MySql, Postgres, Sqlite};

/// A connection of `pools.main`.
pub(super) enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
    MySql(PoolConnection<MySql>),
}

/// What the kinds of database say differently.
struct Dialect {
    table: &'static str,
    read: &'static str,
    create: &'static str,
    /// What an error about a table that is not there is known by.
    no_table: fn(&dyn sqlx::error::DatabaseError) -> bool,
}

const SQLITE: Dialect = Dialect {
    table: "CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    read: "SELECT name FROM items WHERE id = ?",
    create: "INSERT INTO items (name) VALUES (?) RETURNING id",
    no_table: |error| error.message().starts_with("no such table"),
};

const POSTGRES: Dialect = Dialect {
    table: "CREATE TABLE IF NOT EXISTS items (id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL)",
    read: "SELECT name FROM items WHERE id = $1",
    create: "INSERT INTO items (name) VALUES ($1) RETURNING id",
    no_table: |error| error.code().is_some_and(|code| code == "42P01"),
};

const MYSQL: Dialect = Dialect {
    table: "CREATE TABLE IF NOT EXISTS items (id BIGINT AUTO_INCREMENT PRIMARY KEY, name TEXT NOT NULL)",
    read: "SELECT name FROM items WHERE id = ?",
    // MySQL has no RETURNING; it tells the id by itself.
    create: "INSERT INTO items (name) VALUES (?)",
    no_table: |error| error.code().is_some_and(|code| code == "42S02"),
};

/// The same words for each kind, which the compiler must read once for each.
macro_rules! each {
    ($any:expr, $connection:ident => $work:expr) => {
        match $any {
            Connection::Sqlite($connection) => $work,
            Connection::Postgres($connection) => $work,
            Connection::MySql($connection) => $work,
        }
    };
}

impl Connection {
    /// A connection, as soon as one is free.
    pub(super) async fn acquire(ops: &Ops) -> Result<Self, DbError> {
        let taken = Self::of_its_kind(ops).await;
        match taken {
            // A save may have changed the kind of database while this waited.
            Err(PoolError::Closed { .. } | PoolError::OtherDatabase { .. }) => Ok(Self::of_its_kind(ops).await?),
            taken => Ok(taken?),
        }
    }

    async fn of_its_kind(ops: &Ops) -> Result<Self, PoolError> {
        match from(ops, Self::Sqlite).await {
            Err(PoolError::OtherDatabase { .. }) => match from(ops, Self::Postgres).await {
                Err(PoolError::OtherDatabase { .. }) => from(ops, Self::MySql).await,
                taken => taken,
            },
            taken => taken,
        }
    }

    /// Asks for as little as can be.
    pub(super) async fn ask(&mut self) -> Result<(), sqlx::Error> {
        each!(self, connection => sqlx::query("SELECT 1").execute(&mut **connection).await.map(drop))
    }

    /// The name of an item.
    pub(super) async fn read(&mut self, id: i64) -> Result<Option<String>, sqlx::Error> {
        let sql = self.dialect().read;
        let read = each!(self, connection => sqlx::query_scalar(sql).bind(id).fetch_optional(&mut **connection).await);
        if !self.lacks_table(&read) {
            return read;
        }
        self.make_table().await;
        each!(self, connection => sqlx::query_scalar(sql).bind(id).fetch_optional(&mut **connection).await)
    }

    /// Keeps an item. Returns its number.
    pub(super) async fn create(&mut self, name: &str) -> Result<i64, sqlx::Error> {
        let created = self.insert(name).await;
        if !self.lacks_table(&created) {
            return created;
        }
        self.make_table().await;
        self.insert(name).await
    }

    async fn insert(&mut self, name: &str) -> Result<i64, sqlx::Error> {
        let sql = self.dialect().create;
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).bind(name).fetch_one(&mut **connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(sql).bind(name).fetch_one(&mut **connection).await,
            Self::MySql(connection) => {
                let done = sqlx::query(sql).bind(name).execute(&mut **connection).await?;
                Ok(i64::try_from(done.last_insert_id()).unwrap_or(i64::MAX))
            }
        }
    }

    /// The table, which a change of `pools.main.url` may have left behind. Whether it is there now, the next statement
    /// tells: of two that make it at once one may fail.
    async fn make_table(&mut self) {
        let sql = self.dialect().table;
        let made = each!(self, connection => sqlx::query(sql).execute(&mut **connection).await.map(drop));
        if let Err(error) = made {
            tracing::debug!(name: "item.no_table", error = %error, "the table was not made");
        }
    }

    fn lacks_table<T>(&self, done: &Result<T, sqlx::Error>) -> bool {
        let error = done.as_ref().err().and_then(sqlx::Error::as_database_error);
        error.is_some_and(self.dialect().no_table)
    }

    const fn dialect(&self) -> &'static Dialect {
        match self {
            Self::Sqlite(_) => &SQLITE,
            Self::Postgres(_) => &POSTGRES,
            Self::MySql(_) => &MYSQL,
        }
    }
}

async fn from<DB: Driver>(ops: &Ops, kind: fn(PoolConnection<DB>) -> Connection) -> Result<Connection, PoolError> {
    Ok(kind(ops.pool::<DB>("main")?.acquire().await?))
}
