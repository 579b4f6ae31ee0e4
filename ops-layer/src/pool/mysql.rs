//! `MySQL` and `MariaDB`.

use super::{target::Target, Driver};
use ops_config::value::DatabaseKind;
use sqlx::{mysql::MySqlConnectOptions, MySql};
use std::{str::FromStr, time::Duration};

impl Driver for MySql {
    const KIND: DatabaseKind = DatabaseKind::MySql;
    const CAN_BREAK: bool = true;
    const CLOSE_WITHIN: Option<Duration> = Some(Duration::from_secs(2));
    /// The thread of a connection takes itself off the list when it reads that it shall end.
    const LINGERS: Duration = Duration::from_millis(50);

    fn target(url: &str) -> Result<Target<Self>, sqlx::Error> {
        Ok(Target::new(url, MySqlConnectOptions::from_str(url)?, false))
    }

    /// As with `PostgreSQL`: a proxy in between takes connections by itself.
    async fn prove(connection: &mut Self::Connection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("SELECT 1").execute(connection).await.map(drop)
    }
}
