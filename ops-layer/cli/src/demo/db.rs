//! Connections of `pools.main`.

use super::{Demo, Pause};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ops_layer::{pool, Ops};
use sqlx::Sqlite;

/// Why there is no connection, or no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum DbError {
    #[error("no connection: {0}")]
    Pool(#[from] pool::PoolError),
    #[error("pools.main is not configured")]
    Unknown(#[from] ops_layer::UnknownName),
    #[error("the database refused: {0}")]
    Query(#[from] sqlx::Error),
}

impl IntoResponse for DbError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Pool(_) | Self::Unknown(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Query(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, format!("{self}\n")).into_response()
    }
}

/// A connection of `pools.main`.
pub(super) async fn connection(ops: &Ops) -> Result<pool::PoolConnection<Sqlite>, DbError> {
    Ok(ops.pool::<Sqlite>("main")?.acquire().await?)
}

/// Holds a connection for `ms` milliseconds.
pub(super) async fn hold(State(demo): State<Demo>, Query(pause): Query<Pause>) -> Result<&'static str, DbError> {
    let mut connection = connection(&demo.ops).await?;
    sqlx::query("SELECT 1").execute(&mut *connection).await?;
    pause.pass().await;
    Ok("held\n")
}
