//! What reading the configuration costs: a request's one load, whatever the size of the file.

use criterion::{criterion_group, criterion_main, Criterion};
use ops_config::{
    check::check,
    live::{Generation, Live, Publisher},
    source::{Sources, Texts},
};
use std::{fmt::Write, hint::black_box, sync::Arc, time::SystemTime};

/// A file with this many pools and this many breakers.
fn text(tables: usize) -> String {
    let mut text = "version = 1\n[limits]\nmax_in_flight = 7\n".to_owned();
    for n in 0..tables {
        write!(text, "[pools.p{n}]\nurl = \"sqlite::memory:\"\n[breakers.b{n}]\nroutes = [\"/r{n}/**\"]\n")
            .expect("a string takes all");
    }
    text
}

fn published(tables: usize) -> (Publisher<u32>, Live<u32>) {
    let texts = Texts::from_bytes("ops.toml", text(tables).into_bytes()).expect("the text is whole");
    let checked = check(&Sources::from_file("ops.toml"), &texts).expect("the text is valid");
    Publisher::new(Generation { seq: 1, loaded_at: SystemTime::now(), checked: Arc::new(checked), plan: 7 })
}

fn read(c: &mut Criterion) {
    let mut group = c.benchmark_group("read");
    for (size, tables) in [("small", 0), ("large", 1000)] {
        let (_publisher, live) = published(tables);
        let mut reader = live.reader();
        group.bench_function(format!("reader/{size}"), |b| {
            b.iter(|| black_box(reader.get().checked.config().limits.max_in_flight));
        });
        group.bench_function(format!("owned/{size}"), |b| b.iter(|| black_box(live.current())));
    }
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
