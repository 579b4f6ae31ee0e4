//! Connections of `pools.main`.

use super::{connection::Connection, Demo, Pause};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ops_layer::pool::PoolError;

/// Why there is no connection, or no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum DbError {
    #[error("no connection: {0}")]
    Pool(#[from] PoolError),
    #[error("the database refused: {0}")]
    Query(#[from] sqlx::Error),
}

impl IntoResponse for DbError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Pool(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Query(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, format!("{self}\n")).into_response()
    }
}

/// Holds a connection for `ms` milliseconds.
pub(super) async fn hold(State(demo): State<Demo>, Query(pause): Query<Pause>) -> Result<&'static str, DbError> {
    let mut connection = Connection::acquire(&demo.ops).await?;
    connection.ask().await?;
    pause.pass().await;
    Ok("held\n")
}
