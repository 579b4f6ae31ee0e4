//! Things in a table.

use super::{
    db::{connection, DbError},
    Demo,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    Json,
};
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection};

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
    let mut connection = connection(&demo.ops).await?;
    prepare(&mut connection).await?;
    let row = sqlx::query("SELECT name FROM items WHERE id = ?").bind(id).fetch_optional(&mut *connection).await?;
    tracing::info!(name: "item.read", id, found = row.is_some(), "item read");
    Ok(match row {
        Some(row) => Json(Item { id, name: row.try_get(0)? }).into_response(),
        None => (StatusCode::NOT_FOUND, "no such item\n").into_response(),
    })
}

/// Keeps a thing.
pub(super) async fn create(State(demo): State<Demo>, Json(new): Json<NewItem>) -> Result<Response, DbError> {
    let mut connection = connection(&demo.ops).await?;
    prepare(&mut connection).await?;
    let done = sqlx::query("INSERT INTO items (name) VALUES (?)").bind(&new.name).execute(&mut *connection).await?;
    let item = Item { id: done.last_insert_rowid(), name: new.name };
    Ok((StatusCode::CREATED, Json(item)).into_response())
}

/// The table, which a change of `pools.main.url` may have left behind.
async fn prepare(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    const TABLE: &str = "CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";
    sqlx::query(TABLE).execute(connection).await?;
    Ok(())
}
