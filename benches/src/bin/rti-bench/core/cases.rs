//! What is counted, one case at a time.

use std::hint::black_box;

use futures_util::FutureExt as _;
use rti_bench::canned::{self, Canned};
use rti_bench::floor::{Floor, now};
use rti_bench::rules;
use rti_bench::sample::Sample;
use rti_core::{ApiVersion, Decision, Inspection, Mode, PolicyOptions, Rti, RtiRequest, Verdict};

use crate::marks::{begin, count_from_now_on, end};

/// Runs before the first that counts: caches, lazy automata and thread-locals are made there.
const WARM_UP: usize = 64;

/// Runs that count; they differ by what the allocator and the hash keys happen to be.
const RUNS: usize = 8;

/// Runs every case between marks and prints its name once for each run that counts. Under callgrind
/// there is then one dump for each line.
pub(crate) fn run() {
    requests();
    exclusions("exact", rules::exact, rules::exact_hit);
    exclusions("regex", rules::regex, rules::regex_hit);
    policies("exact", rules::exact, rules::exact_hit);
    policies("regex", rules::regex, rules::regex_hit);
}

fn requests() {
    for version in [ApiVersion::V1, ApiVersion::V4_1] {
        let number = version.number();
        for sample in [Sample::curl(), Sample::browser(), Sample::hostile()] {
            let name = sample.name;
            let rti = canned::engine(version, &[]);
            let floor = Floor::new(&sample);
            if version == ApiVersion::V1 {
                counted(&format!("inspect {name}"), || rti.inspect(&sample));
            }
            let rti = sending(version);
            marked(&format!("inspect + encode v{number} {name}"), || {
                begin();
                decided(&rti, rti.inspect(&sample))
            });
            marked(&format!("encode v{number} {name}"), || {
                let inspection = rti.inspect(&sample);
                begin();
                decided(&rti, inspection)
            });
            counted(&format!("floor v{number} {name}"), || match version {
                ApiVersion::V1 => floor.form(now()),
                _ => floor.json(now()),
            });
        }
        let answer = canned::answer(version).as_bytes();
        counted(&format!("decode v{number}"), || {
            Verdict::decode(version, answer)
        });
        let rti = answering(version);
        let sample = Sample::browser();
        marked(&format!("decode + policy v{number}"), || {
            let decision = decided(&rti, rti.inspect(&sample));
            end();
            decision
        });
    }
}

/// A path that is excluded costs the match alone. Where none matches the request is captured too;
/// what that takes without rules is a case of its own, to be taken off.
fn exclusions(kind: &str, made: fn(usize) -> Vec<String>, hit: fn(usize) -> String) {
    for count in [0, 1, 10, 100, 1000] {
        let rti = canned::engine(ApiVersion::V1, &made(count));
        let mut paths = rules::MISSES.iter().cycle();
        let name = format!("exclusions {kind} {count} miss");
        counted(&name, || {
            rti.inspect(&Path(paths.next().copied().unwrap_or("/")))
        });
        if count > 0 {
            let path = hit(count);
            let name = format!("exclusions {kind} {count} hit");
            counted(&name, || rti.inspect(&Path(&path)));
        }
    }
}

/// What it takes to find the policy of a browser's request among so many, each with a path of its own.
fn policies(kind: &str, made: fn(usize) -> Vec<String>, hit: fn(usize) -> String) {
    for count in [0, 1, 10, 100, 1000] {
        let paths = made(count).into_iter().enumerate();
        let config = canned::builder(ApiVersion::V1, "http://127.0.0.1:9");
        let config = paths.fold(config, |config, (number, path)| {
            let options = PolicyOptions::new().mode(Mode::Blocking);
            config.policy(format!("policy-{number}"), [path], options)
        });
        let config = config.build().expect("the paths are valid");
        let rti = Rti::with_transport(config, Canned::new(ApiVersion::V1, |_| {}, || {}));
        let path = hit(count.max(1));
        let name = format!("policies {kind} {count}");
        counted(&name, || rti.inspect(&Path(&path)));
        let sample = Sample::browser();
        counted(&format!("{name} browser"), || rti.inspect(&sample));
    }
}

/// Counts all of `work`, but not dropping what it made.
fn counted<T>(name: &str, mut work: impl FnMut() -> T) {
    marked(name, || {
        begin();
        let made = black_box(work());
        end();
        made
    });
}

/// `work` sets the marks itself.
fn marked<T>(name: &str, mut work: impl FnMut() -> T) {
    for _ in 0..WARM_UP {
        work();
    }
    count_from_now_on(true);
    for _ in 0..RUNS {
        work();
        println!("{name}");
    }
    count_from_now_on(false);
}

/// An engine whose transport marks the end when the encoded body arrives.
fn sending(version: ApiVersion) -> Rti {
    let config = canned::config(version, "http://127.0.0.1:9", &[]);
    Rti::with_transport(config, Canned::new(version, |_| end(), || {}))
}

/// An engine whose transport marks the beginning when it answers.
fn answering(version: ApiVersion) -> Rti {
    let config = canned::config(version, "http://127.0.0.1:9", &[]);
    Rti::with_transport(config, Canned::new(version, |_| {}, begin))
}

/// A canned answer is there at the first look, so nothing waits.
fn decided(rti: &Rti, inspection: Inspection) -> Decision {
    let decision = rti.decide(inspection).now_or_never();
    decision.expect("a canned transport answers at once")
}

/// A request that is nothing but a path.
struct Path<'a>(&'a str);

impl RtiRequest for Path<'_> {
    fn method(&self) -> &'static str {
        "GET"
    }

    fn target(&self) -> std::borrow::Cow<'_, str> {
        std::borrow::Cow::Borrowed(self.0)
    }

    fn for_each_header(&self, _: &mut dyn FnMut(&str, &[u8])) {}

    fn http_version(&self) -> rti_core::HttpVersion {
        rti_core::HttpVersion::Http11
    }
}
