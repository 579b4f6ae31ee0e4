//! A start that is only tried: everything opened, nothing put in force, all of it closed again.
//!
//! It goes the way of a start where that leads ([`Places`] binds, `Pools` and `Telemetry` prepare), and
//! looks further where a start does not wait: a collector that is away and a check that fails keep no service
//! from starting, but whoever rehearses wants to know. Parts do not wait for each other, so that everything
//! that is wrong is told at once.

use super::{
    fault::{located, plain, reason},
    listeners::Places,
    side::Side,
    state::State,
    supervisor::Supervisor,
    Ops,
};
use crate::{
    pool::{file_to_make, Pools},
    probe::{try_once, CheckError, PoolPing},
    telemetry::Telemetry,
};
use futures_util::future::join_all;
use http::Uri;
use ops_config::{
    check::Checked,
    diagnostic::{Code, KeyPath, Origin, Violation},
    section::{CheckConfig, ObservabilityConfig, PoolConfig, ProbesConfig},
    value::{Count, HttpUrl, Name, Period},
};
use rustix::fs::{access, Access};
use std::{collections::BTreeMap, io, path::Path, sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    time::{timeout, Instant},
};

/// How long each thing may take to open.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long what was opened may take to close.
const CLOSING: Duration = Duration::from_secs(1);

impl Ops {
    /// Opens what a configuration names, as a start would: listeners are bound and released, pools opened and
    /// asked, the exporter made and its collector connected to, each probe check made once. Nothing is put in
    /// force, no request is taken, and everything is closed when it returns.
    ///
    /// # Errors
    /// Everything that does not open, with the keys that name it and where they were written. An address that
    /// a service of this configuration holds already is in use like any other.
    pub async fn rehearse(checked: &Arc<Checked>) -> Result<(), Vec<Violation>> {
        let (state, _incoming) =
            State::new(Telemetry::with_output(std::io::sink()), Side::none(), Supervisor::default());
        let config = checked.config();
        let exporter = state.telemetry.prepare(&config.observability, None).map(drop);
        let (listeners, collector, (pools, probes)) = tokio::join!(
            listeners(&state, checked),
            collector(&config.observability),
            pools_and_probes(&config.pools, &config.probes),
        );
        state.stop();
        // A collector whose exporter cannot be made need not be reached as well.
        let telemetry = exporter.err().unwrap_or_else(|| collector.into_iter().collect());
        let faults = [listeners, telemetry, pools, probes].into_iter().flatten();
        let faults = located(faults, checked);
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }
}

/// Binds the address of every listener, that of the service too, and lets go of them.
async fn listeners(state: &State, checked: &Checked) -> Vec<Violation> {
    *state.serving.lock().await = true;
    // Reserved, not listened on: no client should come to a service that is not there.
    Places::reserve(state, checked.config()).await.err().unwrap_or_default()
}

/// Connects to the collector of traces; whether it speaks OTLP, only spans would tell.
async fn collector(config: &ObservabilityConfig) -> Option<Violation> {
    let endpoint = config.otlp_endpoint.as_ref()?;
    let cause = match timeout(PATIENCE, connect(endpoint)).await {
        Ok(Ok(())) => return None,
        Ok(Err(error)) => reason(&error),
        Err(_) => format!("no connection within {PATIENCE:?}"),
    };
    Some(Violation {
        code: Code::Unreachable,
        key: KeyPath::from_iter(["observability", "otlp_endpoint"]),
        origin: Origin::Default,
        found: Some(format!("\"{endpoint}\", where nobody answers: {cause}")),
        expected: "a collector that takes connections".to_owned(),
        help: Some(
            "start the collector, or correct its address; without one, traces are lost and nothing else".to_owned(),
        ),
        notes: Vec::new(),
    })
}

async fn connect(endpoint: &HttpUrl) -> io::Result<()> {
    let uri: Uri = endpoint.as_str().parse().map_err(io::Error::other)?;
    let port = uri.port_u16().unwrap_or(if endpoint.as_str().starts_with("https:") { 443 } else { 80 });
    TcpStream::connect(format!("{}:{port}", uri.host().unwrap_or_default())).await.map(drop)
}

/// Opens the pools, makes every check with them, and closes them.
async fn pools_and_probes(
    configs: &BTreeMap<Name, PoolConfig>,
    probes: &ProbesConfig,
) -> (Vec<Violation>, Vec<Violation>) {
    let mut opened = BTreeMap::new();
    let mut faults = Vec::new();
    for (name, outcome) in join_all(configs.iter().map(|(name, config)| open(name, config))).await {
        match outcome {
            Ok(Some(pool)) => drop(opened.insert(name, pool)),
            Ok(None) => {}
            Err(refused) => faults.extend(refused),
        }
    }
    let pools = Arc::new(opened);
    let asked = Arc::clone(&pools);
    let ping: PoolPing = Arc::new(move |name| {
        let pool = asked.get(&name).cloned();
        Box::pin(async move {
            match pool {
                Some(pool) => pool.ping(name.as_str()).await.map_err(CheckError::new),
                // That it does not open has been told, or there is none before a start makes it.
                None => Ok(()),
            }
        })
    });
    let failed = try_once(probes, &ping).await;
    let failed = failed.iter().filter_map(|(name, error)| Some(check_fails(name, probes.checks.get(name)?, error)));
    let failed = failed.collect();
    let by = Instant::now() + CLOSING;
    // What does not close in time is closed with the process.
    join_all(pools.values().map(|pool| pool.close(by))).await;
    (faults, failed)
}

/// One pool on its own, so that another that does not open is not in its way, and with one connection only:
/// whoever tries a start beside the running service should not take its connections from it. None where a
/// start would make the database: a rehearsal writes nothing.
async fn open(name: &Name, config: &PoolConfig) -> (Name, Result<Option<Pools>, Vec<Violation>>) {
    if let Some(file) = config.url.expose().and_then(file_to_make) {
        return (name.clone(), can_be_made(name, &file).map(|()| None));
    }
    let modest = PoolConfig {
        min_connections: Count::literal(0),
        max_connections: Count::literal(1),
        acquire_timeout: Period::literal(5_000),
        ..config.clone()
    };
    let pools = Pools::new();
    let outcome = match pools.prepare(&BTreeMap::from([(name.clone(), modest)])).await {
        Ok((_, staged)) => {
            pools.commit(staged);
            match timeout(PATIENCE, pools.ping(name.as_str())).await {
                Ok(Ok(())) => Ok(Some(pools)),
                Ok(Err(cause)) => Err(vec![no_answer(name, &cause)]),
                Err(_) => Err(vec![no_answer(name, &format!("no answer within {PATIENCE:?}"))]),
            }
        }
        Err(faults) => Err(faults),
    };
    (name.clone(), outcome)
}

/// Whether a database can be made: its folder is there and can be written to.
fn can_be_made(name: &Name, file: &Path) -> Result<(), Vec<Violation>> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| {
        let cause = reason(&error.into());
        vec![of_pool(name, format!("a database to be made in {}: {cause}", folder.display()), "a folder to write to")]
    })
}

fn no_answer(name: &Name, cause: &str) -> Violation {
    of_pool(name, format!("a database that opens and does not answer: {cause}"), "a database that answers")
}

fn of_pool(name: &Name, found: String, expected: &str) -> Violation {
    Violation {
        code: Code::PoolOpen,
        key: KeyPath::from_iter(["pools", name.as_str(), "url"]),
        origin: Origin::Default,
        found: Some(found),
        expected: expected.to_owned(),
        help: Some(Code::PoolOpen.mend().to_owned()),
        notes: Vec::new(),
    }
}

fn check_fails(name: &Name, check: &CheckConfig, error: &CheckError) -> Violation {
    let (key, value) = match check {
        CheckConfig::Pool(check) => ("pool", check.pool.to_string()),
        CheckConfig::Http(check) => ("url", check.url.to_string()),
        CheckConfig::Tcp(check) => ("address", check.address.to_string()),
        CheckConfig::Disk(check) => ("min_free", check.min_free.to_string()),
        CheckConfig::Memory(check) => ("min_available", check.min_available.to_string()),
    };
    let expected =
        if check.is_critical() { "a check that succeeds" } else { "a check that succeeds, though it is not critical" };
    Violation {
        code: Code::CheckFails,
        key: KeyPath::from_iter(["probes", "checks", name.as_str(), key]),
        origin: Origin::Default,
        found: Some(format!("\"{value}\", and the check fails: {}", plain(&error.to_string()))),
        expected: expected.to_owned(),
        help: Some("mend what the check looks at, or correct the check".to_owned()),
        notes: Vec::new(),
    }
}
