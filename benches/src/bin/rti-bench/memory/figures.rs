//! What the figures say.

use rti_bench::canned;
use rti_bench::sample::Sample;
use rti_core::ApiVersion;

use crate::arguments::{Arguments, Pace};
use crate::report::{Bar, Bound, Column, Emphasis, Report, Table, Target};
use crate::subject::{Subject, Way};

const COLUMNS: [Column; 7] = [
    Column::anywhere("requests", 0),
    Column::anywhere("bytes, idle connection", 0),
    Column::anywhere("bytes, in flight", 0),
    Column::anywhere("over the timer", 0),
    Column::anywhere("of it reqwest by hand", 0),
    Column::anywhere("after ÷ before", 2),
    Column::anywhere("second wave ÷ first", 2),
];

/// What a server took, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub(super) requests: usize,
    /// A connection that waits for its first request, each.
    pub(super) idle: f64,
    /// A request in flight, its connection included, each.
    pub(super) in_flight: f64,
    /// Once they have ended, as a part of what it was before.
    pub(super) after: f64,
    /// A second wave of as many, as a part of the first: what the allocator kept is used again.
    pub(super) again: f64,
}

pub(super) fn report(arguments: &Arguments, found: &[(Subject, Taken)], limit: u64) -> Report {
    let of = |subject: Subject, requests: usize| {
        let is = |found: &&(Subject, Taken)| found.0 == subject && found.1.requests == requests;
        found.iter().find(is).expect("it was measured").1
    };
    let over = |subject: Subject, requests| {
        let timer = of(subject.framework.with(Way::Timer), requests);
        of(subject, requests).in_flight - timer.in_flight
    };
    let row = |(subject, taken): &(Subject, Taken)| {
        let by_hand = subject.framework.with(Way::Reqwest);
        let asks = subject.way != Way::Timer;
        let figures = vec![
            taken.requests as f64,
            taken.idle,
            taken.in_flight,
            if asks {
                over(*subject, taken.requests)
            } else {
                f64::NAN
            },
            if subject.way == Way::Rti {
                over(by_hand, taken.requests)
            } else {
                f64::NAN
            },
            taken.after,
            taken.again,
        ];
        (subject.to_string(), figures)
    };
    let rti = || found.iter().filter(|(subject, _)| subject.way == Way::Rti);
    let targets = rti().flat_map(|(subject, taken)| {
        let name = format!("{}, {} requests", subject.framework.name(), taken.requests);
        let added = over(*subject, taken.requests);
        [
            Target::new(
                format!("{name}: KiB each over the timer"),
                Bound::AtMost(20.0),
                added / 1024.0,
            ),
            Target::new(
                format!("{name}: after ÷ before"),
                Bound::AtMost(1.05),
                taken.after,
            ),
            Target::new(
                format!("{name}: second wave ÷ first"),
                Bound::AtMost(1.05),
                taken.again,
            ),
        ]
    });
    let bars = rti().map(|(subject, taken)| Bar {
        name: format!("{}, {}", subject.framework.name(), taken.requests),
        length: over(*subject, taken.requests) / 1024.0,
        emphasis: Emphasis::Measured,
    });
    let mut notes = vec![
        "Resident memory of the server's process, over the same server whose handler awaits a timer. Buffers of the kernel are not in it. What is freed stays with the process where the allocator keeps it, with or without RTI; a second wave of as many requests shows that it is used again.".into(),
        core_share(),
    ];
    if found.iter().all(|(_, taken)| taken.requests < 10_000)
        && !matches!(arguments.pace, Pace::Quick)
    {
        notes.push(format!(
            "Only {limit} descriptors are to be had here, so there are fewer than 10,000 requests."
        ));
    }
    Report {
        command: arguments.again(),
        tables: vec![Table {
            title: "subject".into(),
            columns: COLUMNS.to_vec(),
            rows: found.iter().map(row).collect(),
        }],
        targets: targets.collect(),
        notes,
        chart: (
            "KiB per request in flight, over the timer".into(),
            bars.collect(),
        ),
    }
}

/// What of it core holds, from the sizes of its types; the rest is the connection to the service.
fn core_share() -> String {
    let sample = Sample::browser();
    let rti = canned::engine(ApiVersion::V1, &[]);
    let decide = std::mem::size_of_val(&rti.decide(rti.inspect(&sample)));
    let body = canned::encoded(ApiVersion::V1, &sample).len();
    format!(
        "While a request waits core holds the future of `decide`, {decide} B, and the encoded body, {body} B; the payload is let go before. The rest is the connection to the service: its task, its buffers, its place in the pool."
    )
}
