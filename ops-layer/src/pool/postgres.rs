//! `PostgreSQL`, and what speaks its protocol.

use super::{target::Target, Driver};
use ops_config::value::DatabaseKind;
use sqlx::{postgres::PgConnectOptions, Postgres};
use std::{str::FromStr, time::Duration};

impl Driver for Postgres {
    const KIND: DatabaseKind = DatabaseKind::Postgres;
    const CAN_BREAK: bool = true;
    const CLOSE_WITHIN: Option<Duration> = Some(Duration::from_secs(2));
    /// The backend of a connection is a process that ends when it reads that it shall.
    const LINGERS: Duration = Duration::from_millis(50);

    fn target(url: &str) -> Result<Target<Self>, sqlx::Error> {
        Ok(Target::new(url, PgConnectOptions::from_str(url)?, false))
    }

    /// A pooler in between takes connections also for a database that is away: only a statement goes through to it.
    async fn prove(connection: &mut Self::Connection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("SELECT 1").execute(connection).await.map(drop)
    }
}
