//! What the server itself knows, asked by its administrator.

use super::{kind::USER, Kind};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};

/// A connection of the administrator.
#[derive(Debug)]
pub enum Witness {
    /// To PostgreSQL.
    Postgres(PgConnection),
    /// To MariaDB.
    Maria(MySqlConnection),
}

impl Witness {
    pub(super) async fn connect(kind: Kind, url: &str) -> Result<Self, sqlx::Error> {
        match kind {
            Kind::Postgres => PgConnection::connect(url).await.map(Self::Postgres),
            Kind::Maria => MySqlConnection::connect(url).await.map(Self::Maria),
        }
    }

    /// How many connections the service has, by `pg_stat_activity` or the list of processes.
    ///
    /// # Panics
    /// When the server does not say.
    pub async fn connections(&mut self) -> usize {
        let list = match self {
            Self::Postgres(_) => "SELECT pid::text FROM pg_stat_activity WHERE usename = ",
            Self::Maria(_) => "SELECT CAST(id AS CHAR) FROM information_schema.processlist WHERE user = ",
        };
        self.texts(&format!("{list}'{USER}'")).await.len()
    }

    /// Ends the connections that the service has, as an administrator does who needs them gone.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn end_connections(&mut self) {
        match self {
            Self::Postgres(_) => {
                let end = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE usename = ";
                self.texts(&format!("{end}'{USER}'")).await;
            }
            Self::Maria(_) => self.execute(&format!("KILL CONNECTION USER {USER}")).await,
        }
    }

    /// Runs a statement.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn execute(&mut self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        let done = match self {
            Self::Postgres(connection) => sqlx::raw_sql(statement).execute(connection).await.map(drop),
            Self::Maria(connection) => sqlx::raw_sql(statement).execute(connection).await.map(drop),
        };
        done.expect("the server takes the statement");
    }

    /// The first column of a query's rows, which must be text.
    ///
    /// # Panics
    /// When the server refuses it, or it is none.
    pub async fn texts(&mut self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(query.to_owned());
        let texts = match self {
            Self::Postgres(connection) => sqlx::query_scalar(query).fetch_all(connection).await,
            Self::Maria(connection) => sqlx::query_scalar(query).fetch_all(connection).await,
        };
        texts.expect("the server answers")
    }
}
