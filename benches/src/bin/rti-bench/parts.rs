//! Where the time of a request is spent: the CPU of a server by part, as `perf` samples it.
//!
//! A sample counts for the function it was taken in, not for its callers: what a part calls in the
//! kernel or in the allocator counts there. Functions that were inlined count for what they are in.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::arguments::Arguments;
use crate::harness::{self, Round};
use crate::report::{Column, Report, Table};
use crate::server::{Options, Server};
use crate::service::Service;
use crate::subject::{Framework, Way};

const WAYS: [Way; 4] = [Way::Bare, Way::Reqwest, Way::HyperUtil, Way::Rti];

/// Not in step with any timer.
const SAMPLES_PER_SECOND: &str = "4999";

/// The parts, and what the names of their functions contain. The first that fits counts.
const PARTS: [(&str, &[&str]); 12] = [
    (
        "allocation",
        &[
            "malloc",
            "calloc",
            "realloc",
            "free@",
            "_int_free",
            "unlink_chunk",
            "__rust_alloc",
            "__rust_dealloc",
        ],
    ),
    ("copying", &["__memmove", "__memcpy", "__memset"]),
    ("clock", &["clock_gettime"]),
    ("timer", &["tokio::runtime::time", "tokio::time::"]),
    (
        "encode",
        &[
            "rti_core::protocol::form",
            "rti_core::protocol::json",
            "Encoder",
        ],
    ),
    (
        "decode",
        &[
            "rti_core::protocol",
            "rti_core::verdict",
            "serde_json",
            "serde_core",
        ],
    ),
    (
        "inspect",
        &[
            "rti_core::payload",
            "rti_core::engine::inspect",
            "rti_core::http_view",
            "rti_core::requester",
            "rti_core::cookies",
            "rti_core::client_ip",
            "rti_core::known_headers",
            "rti_core::route",
            "rti_core::exclusions",
            "rti_core::path",
        ],
    ),
    (
        "policy",
        &[
            "rti_core::policy",
            "rti_core::engine::response",
            "rti_core::reply",
            "rti_core::decision",
        ],
    ),
    (
        "transport",
        &[
            "rti_core::transport",
            "hyper_util::client",
            "hyper::client",
            "role::Client",
            "reqwest",
            "want::",
        ],
    ),
    ("engine", &["rti_core::"]),
    ("adapter", &["rti_axum", "rti_actix", "rti_rocket"]),
    ("framework", &[""]),
];

const KERNEL: &str = "kernel";

const COLUMNS: [Column; 6] = [
    Column::here("bare µs", 2),
    Column::here("reqwest µs", 2),
    Column::here("hyper-util µs", 2),
    Column::here("RTI µs", 2),
    Column::anywhere("RTI, part of the whole", 3),
    Column::anywhere("RTI ÷ hyper-util", 2),
];

/// The table, or why there is none.
pub(crate) fn run(arguments: &Arguments) -> Result<Report, String> {
    let found = Command::new("perf").arg("--version").output();
    found.map_err(|error| {
        format!("`perf` is needed, of Linux' tools, and cannot be started: {error}")
    })?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let framework = arguments.framework.unwrap_or(Framework::Axum);
    let duration = Duration::from_secs(arguments.pace.pick(4, 15));
    let measured = harness::run(async {
        let mut measured = Vec::new();
        for way in WAYS {
            measured.push(measure(framework, way, duration, directory.path()).await?);
        }
        Ok::<_, String>(measured)
    })?;
    Ok(report(arguments, framework, &measured))
}

/// Microseconds a request, by part; the kernel is the last.
type Parts = [f64; PARTS.len() + 1];

async fn measure(
    framework: Framework,
    way: Way,
    duration: Duration,
    directory: &Path,
) -> Result<Parts, String> {
    let service = Service::start();
    let server = Server::start(Options::new(framework.with(way), service.address));
    let round = Round {
        connections: 32,
        warm_up: Duration::from_millis(500),
        duration,
    };
    round.on(&server).await;
    let samples = directory.join("samples");
    let mut perf = record(server.pid(), duration, &samples)?;
    let found = round.on(&server).await;
    let ended = perf.wait().map_err(|error| error.to_string())?;
    if !ended.success() {
        return Err("`perf record` failed; see /proc/sys/kernel/perf_event_paranoid".to_owned());
    }
    let listing = Command::new("perf")
        .args(["script", "--no-inline", "-F", "ip,sym,dso", "-i"])
        .arg(&samples)
        .output()
        .map_err(|error| error.to_string())?;
    let mut parts = count(&String::from_utf8_lossy(&listing.stdout));
    let all: f64 = parts.iter().sum();
    if all == 0.0 {
        return Err("`perf` took no samples".to_owned());
    }
    for part in &mut parts {
        *part *= found.cpu / all;
    }
    Ok(parts)
}

fn record(pid: u32, duration: Duration, into: &Path) -> Result<Child, String> {
    Command::new("perf")
        .args([
            "record",
            "-q",
            "-F",
            SAMPLES_PER_SECOND,
            "-p",
            &pid.to_string(),
            "-o",
        ])
        .arg(into)
        .args(["--", "sleep", &duration.as_secs().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("`perf record` cannot be started: {error}"))
}

/// Samples by part, of lines such as `55d0c0 rti_core::policy::judge+0x1f (/bin/server)`.
fn count(listing: &str) -> Parts {
    let mut parts = [0.0; PARTS.len() + 1];
    for line in listing.lines() {
        let Some((function, object)) = line.trim().rsplit_once(" (") else {
            continue;
        };
        let of_kernel = object.starts_with("[kernel")
            || object.starts_with("[unknown")
            || object.ends_with(".ko)");
        let fits = |(_, names): &(&str, &[&str])| names.iter().any(|name| function.contains(name));
        let part = PARTS.iter().position(fits).filter(|_| !of_kernel);
        parts[part.unwrap_or(PARTS.len())] += 1.0;
    }
    parts
}

fn report(arguments: &Arguments, framework: Framework, measured: &[Parts]) -> Report {
    let total = |way: usize| measured[way].iter().sum::<f64>();
    let row = |figures: [f64; 4]| {
        let rti = figures[3];
        let mut row = figures.to_vec();
        row.extend([rti / total(3), rti / figures[2]]);
        row
    };
    let names = PARTS.iter().map(|(name, _)| *name).chain([KERNEL]);
    let mut rows: Vec<_> = names
        .enumerate()
        .map(|(part, name)| {
            (
                name.to_owned(),
                row([0, 1, 2, 3].map(|way| measured[way][part])),
            )
        })
        .collect();
    rows.push(("all".to_owned(), row([0, 1, 2, 3].map(total))));
    Report {
        command: arguments.again(),
        tables: vec![Table {
            title: format!("{}, CPU a request", framework.name()),
            columns: COLUMNS.to_vec(),
            rows,
        }],
        notes: vec![
            "A sample of `perf` counts for the function that was running, not for its callers: what a part calls in the kernel or the allocator counts there. The framework is what is left, tokio's scheduler included.".to_owned(),
            "`perf` makes everything dearer, so the parts are scaled to the CPU that the kernel counted in the same round.".to_owned(),
        ],
        ..Report::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_counts_for_the_first_part_that_fits() {
        let listing = "\
            ffffffff81 tcp_ack+0x1 ([kernel.kallsyms])\n\
            55d0c0 rti_core::protocol::form::Form::field+0x2 (/bin/rti-bench)\n\
            55d0c1 <rti_core::transport::http::HttpTransport as rti_core::Transport>::send (/bin/rti-bench)\n\
            7f0000 _int_malloc (/usr/lib/libc.so.6)\n\
            55d0c2 axum::routing::Router<S>::call (/bin/rti-bench)\n\n";
        let parts = count(listing);
        let of = |name| parts[PARTS.iter().position(|(part, _)| *part == name).unwrap()];
        for name in ["allocation", "encode", "transport", "framework"] {
            assert_eq!(of(name) as u32, 1, "{name}");
        }
        assert_eq!(parts[PARTS.len()] as u32, 1);
        assert_eq!(parts.iter().sum::<f64>() as u32, 5);
    }
}
