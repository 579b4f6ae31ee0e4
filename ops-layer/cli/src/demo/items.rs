//! Things in a table.

use super::{connection::Connection, db::DbError, Demo};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    Json,
};
use serde::{Deserialize, Serialize};

/// A thing to be kept.
#[derive(Debug, Deserialize)]
pub(super) struct NewItem {
    name: String,
}

/// A thing kept.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    id: i64,
    name: String,
}

/// One thing, and one log line.
pub(super) async fn read(State(demo): State<Demo>, Path(id): Path<i64>) -> Result<Response, DbError> {
    let name = Connection::acquire(&demo.ops).await?.read(id).await?;
    tracing::info!(name: "item.read", id, found = name.is_some(), "item read");
    Ok(match name {
        Some(name) => Json(Item { id, name }).into_response(),
        None => (StatusCode::NOT_FOUND, "no such item\n").into_response(),
    })
}

/// Keeps a thing.
pub(super) async fn create(State(demo): State<Demo>, Json(new): Json<NewItem>) -> Result<Response, DbError> {
    let id = Connection::acquire(&demo.ops).await?.create(&new.name).await?;
    Ok((StatusCode::CREATED, Json(Item { id, name: new.name })).into_response())
}
