//! The databases that the others are tested with can be killed, held and started again.

use libtest_mimic::Trial;
use ops_tests::{
    database::{Kind, Server, Witness},
    outside::needs,
};
use sqlx::{Connection, MySqlConnection, PgConnection};
use std::time::Duration;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(30);

pub(crate) fn trials() -> Vec<Trial> {
    let [postgres, maria] = Kind::ALL.map(Kind::needs);
    vec![
        needs(&postgres, "postgres_loses_nothing_it_confirmed", || loses_nothing(Kind::Postgres)),
        needs(&maria, "maria_loses_nothing_it_confirmed", || loses_nothing(Kind::Maria)),
        needs(&postgres, "postgres_is_counted_and_held", || is_counted_and_held(Kind::Postgres)),
        needs(&maria, "maria_is_counted_and_held", || is_counted_and_held(Kind::Maria)),
    ]
}

async fn loses_nothing(kind: Kind) {
    let mut server = Server::durable(kind).await;
    server.witness().await.execute("CREATE TABLE kept (number INT PRIMARY KEY)").await;
    for number in 0..3 {
        server.witness().await.execute(&format!("INSERT INTO kept VALUES ({number})")).await;
        match number {
            0 => server.kill_9().await,
            1 => server.shut_down().await,
            // As it runs.
            _ => {}
        }
        server.restart().await;
    }
    let cast = if kind == Kind::Postgres { "number::text" } else { "CAST(number AS CHAR)" };
    let kept = server.witness().await.texts(&format!("SELECT {cast} FROM kept ORDER BY number")).await;
    assert_eq!(kept, ["0", "1", "2"]);
}

/// As the service connects.
async fn connected(server: &Server) -> Result<Witness, sqlx::Error> {
    match server.kind() {
        Kind::Postgres => PgConnection::connect(&server.url()).await.map(Witness::Postgres),
        Kind::Maria => MySqlConnection::connect(&server.url()).await.map(Witness::Maria),
    }
}

async fn is_counted_and_held(kind: Kind) {
    let server = Server::start(kind).await;
    let mut witness = server.witness().await;
    assert_eq!(witness.connections().await, 0);
    let mut own = connected(&server).await.expect("the service is let in");
    let another = connected(&server).await.expect("the service is let in");
    assert_eq!(witness.connections().await, 2);
    drop(another);
    counted(&mut witness, 1).await;

    server.stop();
    let held = timeout(Duration::from_millis(300), own.connections()).await;
    assert!(held.is_err(), "a server that is held does not answer");
    assert!(timeout(Duration::from_millis(300), connected(&server)).await.is_err(), "nor does it let anybody in");
    server.cont();
    counted(&mut witness, 1).await;
    let mut own = connected(&server).await.expect("the service is let in again");
    assert!(own.connections().await >= 1);
    witness.end_connections().await;
    counted(&mut witness, 0).await;
}

async fn counted(witness: &mut Witness, connections: usize) {
    let deadline = tokio::time::Instant::now() + SOON;
    while witness.connections().await != connections {
        assert!(tokio::time::Instant::now() < deadline, "never {connections} connections");
    }
}
