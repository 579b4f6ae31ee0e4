//! What `/readyz` costs: the answer alone, with so many checks, in each of its forms.

use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use ops_layer::probe::{CheckError, CheckFuture, HealthCheck, HealthChecker, PoolPing, Probe, Question};
use std::{hint::black_box, sync::Arc};

struct Well(String);

impl HealthCheck for Well {
    fn name(&self) -> &str {
        &self.0
    }

    fn check(&self) -> CheckFuture<'_> {
        Box::pin(async { Ok(()) })
    }
}

fn readiness(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut group = criterion.benchmark_group("readyz");
    for count in [1, 10, 100] {
        let checker = runtime.block_on(async {
            let no_pools: PoolPing = Arc::new(|_| Box::pin(async { Err(CheckError::new("no pools")) }));
            let checker = HealthChecker::new("1.2.3", no_pools);
            for number in 0..count {
                checker.add(Well(format!("check-{number}"))).expect("a new name");
            }
            checker.first_round().await;
            checker
        });
        for form in ["", "quiet", "verbose"] {
            let name = if form.is_empty() { "plain" } else { form };
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| checker.answer(black_box(&Question::parse(Probe::Readiness, form))));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, readiness);
criterion_main!(benches);
