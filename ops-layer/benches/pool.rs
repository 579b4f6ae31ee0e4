//! What a turn of a pool costs: a connection taken and given back, unused. Aim: at most 500 ns.

use criterion::{criterion_group, criterion_main, Criterion};
use futures_util::FutureExt;
use ops_config::section::PoolConfig;
use ops_layer::pool::Pools;
use sqlx::{Connection, Sqlite};
use std::hint::black_box;

fn turn(criterion: &mut Criterion) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let pools = Pools::new();
    let pool = runtime.block_on(async {
        let name = "main".parse().expect("a name");
        let (_, staged) = pools.prepare(&[(name, PoolConfig::default())].into()).await.expect("opens");
        pools.commit(staged);
        pools.get::<Sqlite>("main").expect("configured")
    });
    let _inside = runtime.enter();
    criterion.bench_function("pool/turn", |bencher| {
        bencher.iter(|| drop(black_box(pool.acquire().now_or_never().expect("at once").expect("free"))));
    });
    criterion.bench_function("pool/turn with a ping", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let mut connection = pool.acquire().await.expect("free");
                connection.ping().await.expect("answers");
            });
        });
    });
}

criterion_group!(benches, turn);
criterion_main!(benches);
