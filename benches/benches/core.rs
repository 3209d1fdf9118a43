//! Core, in time. `rti-bench core` counts instructions and allocations, which are the same on
//! every machine; this is for a look at one's own.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use futures_util::FutureExt as _;
use rti_bench::canned;
use rti_bench::floor::{Floor, now};
use rti_bench::rules;
use rti_bench::sample::Sample;
use rti_core::{ApiVersion, Verdict};

criterion_group!(benches, requests, answers, exclusions);
criterion_main!(benches);

fn requests(criterion: &mut Criterion) {
    for sample in [Sample::curl(), Sample::browser(), Sample::hostile()] {
        let floor = Floor::new(&sample);
        let mut group = criterion.benchmark_group(sample.name);
        for version in [ApiVersion::V1, ApiVersion::V4_1] {
            let (rti, number) = (canned::engine(version, &[]), version.number());
            group.bench_function(BenchmarkId::new("inspect", number), |bencher| {
                bencher.iter(|| rti.inspect(&sample));
            });
            group.bench_function(BenchmarkId::new("inspect and decide", number), |bencher| {
                canned::in_runtime(|| {
                    bencher.iter(|| rti.decide(rti.inspect(&sample)).now_or_never());
                });
            });
            group.bench_function(BenchmarkId::new("floor", number), |bencher| {
                bencher.iter(|| match version {
                    ApiVersion::V1 => floor.form(now()),
                    _ => floor.json(now()),
                });
            });
        }
        group.finish();
    }
}

fn answers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    for version in [ApiVersion::V1, ApiVersion::V4_1] {
        let answer = canned::answer(version).as_bytes();
        group.bench_function(version.number(), |bencher| {
            bencher.iter(|| Verdict::decode(version, black_box(answer)));
        });
    }
    group.finish();
}

fn exclusions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("exclusions");
    let kinds = [
        ("exact", rules::exact as fn(usize) -> Vec<String>),
        ("regex", rules::regex),
    ];
    for (kind, made) in kinds {
        for count in [0, 1, 10, 100, 1000] {
            let rti = canned::engine(ApiVersion::V1, &made(count));
            let mut sample = Sample::curl();
            let mut paths = rules::MISSES.iter().cycle();
            group.bench_function(BenchmarkId::new(kind, count), |bencher| {
                bencher.iter(|| {
                    sample.target = paths.next().copied().unwrap_or("/");
                    rti.inspect(&sample)
                });
            });
        }
    }
    group.finish();
}
