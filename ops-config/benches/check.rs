//! What a look at a changed file costs: parse and check, and that it grows with the file and no faster.

use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion, Throughput};
use ops_config::{
    check::check,
    source::{Sources, Texts},
};
use std::{fmt::Write, hint::black_box};

const SAMPLE: &str = include_str!("../../config/ops.toml");

/// Makes a file of this many bytes.
type Shape = fn(usize) -> String;

/// A fleet's file: pools, breakers and checks by the dozen, with the comments that people write.
fn fleet(bytes: usize) -> String {
    grown(bytes, |n| {
        format!(
            "# Team {n} asked for this in the spring; see the runbook.
[pools.p{n}]
url = \"sqlite:///var/lib/p{n}.db\"
min_connections = 2
max_connections = {max}
acquire_timeout = \"5s\"

[breakers.b{n}]
routes = [\"/r{n}/**\", \"/s{n}/*\"]
failure_threshold = 7
reset_timeout = \"15s\"
failure_rate = {{ threshold = 0.5, window = \"10s\", min_calls = 20 }}

[probes.checks.c{n}]
kind = \"pool\"
pool = \"p{n}\"
critical = false

",
            max = n % 50 + 5
        )
    })
}

/// Nothing but long texts and long comments.
fn prose(bytes: usize) -> String {
    let line = "x".repeat(900);
    grown(bytes, |n| {
        format!("# {line}\n[probes.checks.c{n}]\nkind = \"disk\"\npath = \"/{line}\"\nmin_free = \"1GiB\"\n")
    })
}

/// A file in which every line is at fault.
fn faulty(bytes: usize) -> String {
    grown(bytes, |n| format!("k{n:05}=1\n"))
}

fn grown(bytes: usize, part: impl Fn(usize) -> String) -> String {
    let mut text = "version = 1\n".to_owned();
    for n in 0.. {
        let part = part(n);
        if text.len() + part.len() > bytes {
            break;
        }
        write!(text, "{part}").expect("a string takes all");
    }
    text
}

fn judge(text: &str) -> bool {
    let texts = Texts::from_bytes("ops.toml", text.as_bytes().to_vec()).expect("the text is whole");
    check(&Sources::from_file("ops.toml"), &texts).is_ok()
}

fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("check");
    group.bench_function("sample", |b| b.iter(|| judge(black_box(SAMPLE))));
    for (name, make, valid) in [("fleet", fleet as Shape, true), ("prose", prose, true), ("faulty", faulty, false)] {
        for kib in [10, 100, 1000] {
            let text = make(kib << 10);
            group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10);
            group.bench_with_input(BenchmarkId::new(name, kib), &text, |b, text| {
                b.iter(|| assert_eq!(judge(black_box(text)), valid));
            });
        }
    }
    group.finish();
}

criterion_group!(check_benches, benches);
criterion_main!(check_benches);
