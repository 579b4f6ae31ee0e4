//! Each check once, for who only wants to know whether they would succeed.

use super::{kind, CheckError, PoolPing};
use futures_util::future::join_all;
use ops_config::{section::ProbesConfig, value::Name};
use std::collections::BTreeMap;
use tokio::time::timeout;

/// Makes every check once, side by side, each within `probes.timeout`; tells why each that failed did.
pub async fn try_once(config: &ProbesConfig, ping: &PoolPing) -> BTreeMap<Name, CheckError> {
    let within = config.timeout.get();
    let looks = config.checks.iter().map(|(name, check)| async move {
        let check = kind::build(name, check, ping);
        let outcome = timeout(within, check.check()).await;
        let late = |_| CheckError::new(format_args!("no result within {within:?}"));
        let outcome: Result<(), CheckError> = outcome.map_err(late).and_then(|outcome| outcome);
        outcome.err().map(|error| (name.clone(), error))
    });
    join_all(looks).await.into_iter().flatten().collect()
}
