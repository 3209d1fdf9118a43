//! Each adapter, beside the bare framework and beside a call that a person would write by hand.

use std::time::Duration;

use crate::arguments::{Arguments, Pace};
use crate::harness::{self, Found, Round};
use crate::load::{Answered, Load};
use crate::report::{Bar, Bound, Column, Emphasis, Report, Table, Target};
use crate::server::{self, Options, Server};
use crate::service::Service;
use crate::statistics::{median, middle};
use crate::subject::{Framework, Subject, Way};
use crate::wire::{Verdicts, Wire};

/// Enough that the server always has something to do, few enough that they queue for less than a
/// verdict's deadline.
const CONNECTIONS: usize = 32;

const SUBJECTS: [Subject; 12] = [
    Framework::Axum.with(Way::Bare),
    Framework::Axum.with(Way::Reqwest),
    Framework::Axum.with(Way::Rti),
    Framework::Actix.with(Way::Bare),
    Framework::Actix.with(Way::Reqwest),
    Framework::Actix.with(Way::Rti),
    Framework::Rocket.with(Way::Bare),
    Framework::Rocket.with(Way::Reqwest),
    Framework::Rocket.with(Way::Rti),
    Framework::Axum.with(Way::HyperUtil),
    Framework::Axum.with(Way::RtiReqwest),
    Framework::Axum.with(Way::RtiInspector),
];

const COLUMNS: [Column; 11] = [
    Column::here("req/s", 0),
    Column::here("± %", 1),
    Column::here("rounds", 0),
    Column::here("p50 µs", 0),
    Column::here("p99 µs", 0),
    Column::here("p99.9 µs", 0),
    Column::here("CPU %", 0),
    Column::here("CPU µs/req", 1),
    Column::anywhere("throughput ÷ floor", 3),
    Column::anywhere("CPU ÷ floor", 3),
    Column::anywhere("p99.9 ÷ floor", 2),
];

/// All rounds of a subject, in order.
struct Rounds {
    subject: Subject,
    found: Vec<Found>,
    /// Calls that reached the service, as a part of the requests.
    asked: Vec<f64>,
}

pub(crate) fn run(arguments: &Arguments) -> Report {
    let wires = match (arguments.wire, arguments.pace) {
        (Some(wire), _) => vec![wire],
        (None, Pace::Quick) => vec![Wire::Plain],
        (None, Pace::Thorough) => Wire::ALL.to_vec(),
    };
    let reports = wires.into_iter().map(|wire| run_over(arguments, wire));
    let joined = reports.reduce(|mut first, other| {
        first.tables.extend(other.tables);
        first.targets.extend(other.targets);
        first.notes.extend(other.notes);
        first
    });
    let mut report = joined.unwrap_or_default();
    report.notes.push(
        "The servers have one worker each, also where there are more processors: one is the server's, one is for load and verdict service."
            .to_owned(),
    );
    report
}

fn run_over(arguments: &Arguments, wire: Wire) -> Report {
    // Short and many: what disturbs a shared machine lasts longer than a round and hits both of a
    // pair, or few of them.
    let rounds = arguments.pace.pick(11, 25);
    let round = Round {
        connections: CONNECTIONS,
        warm_up: Duration::from_millis(arguments.pace.pick(60, 100)),
        duration: Duration::from_millis(arguments.pace.pick(220, 500)),
    };
    let body = server::body();
    let (all, ceiling) = harness::run(async {
        let service = Verdicts::start(wire);
        let start = |subject| {
            let options = Options::new(subject, service.address());
            Server::start(Options { wire, ..options })
        };
        let servers = SUBJECTS.map(start);
        let mut all = SUBJECTS.map(|subject| Rounds {
            subject,
            found: Vec::new(),
            asked: Vec::new(),
        });
        let mut ceiling = Vec::new();
        for _ in 0..rounds {
            if let Verdicts::Plain(service) = &service {
                ceiling.push(direct(service, round, &body).await.per_second());
            }
            for (server, rounds) in servers.iter().zip(&mut all) {
                let before = service.requests();
                let found = round.on(server).await;
                let warm = round.warm_up.as_secs_f64() / round.duration.as_secs_f64() + 1.0;
                let asked = (service.requests() - before) as f64;
                rounds
                    .asked
                    .push(asked / (found.answered.requests as f64 * warm));
                rounds.found.push(found);
            }
        }
        (all, median(ceiling))
    });
    report(arguments, wire, &all, ceiling)
}

/// The harness against itself: the load asks the service with nothing in between.
async fn direct(service: &Service, round: Round, body: &[u8]) -> Answered {
    let head = format!("POST / HTTP/1.1\r\ncontent-length: {}\r\n\r\n", body.len());
    let request = [head.as_bytes(), body].concat();
    let load = Load {
        address: service.address,
        connections: round.connections,
        warm_up: round.warm_up,
        duration: round.duration,
    };
    load.run(&request, || ()).await.0
}

fn report(arguments: &Arguments, wire: Wire, all: &[Rounds], ceiling: f64) -> Report {
    let of = |subject: Subject| {
        let mut rounds = all.iter();
        rounds
            .find(|rounds| rounds.subject == subject)
            .expect("it was measured")
    };
    let row = |rounds: &Rounds| rounds.row(of(rounds.subject.framework.with(Way::Reqwest)));
    let over = match wire {
        Wire::Plain => String::new(),
        Wire::TlsHttp1 | Wire::TlsHttp2 => format!(" over {}", wire.name()),
    };
    let mut targets = Vec::new();
    for framework in Framework::ALL {
        let (rti, floor) = (
            of(framework.with(Way::Rti)),
            of(framework.with(Way::Reqwest)),
        );
        let name = format!("{}{over}, RTI ÷ reqwest by hand", framework.name());
        let throughput = rti.ratio(floor, |found| found.answered.per_second());
        let tail = rti.ratio(floor, |found| found.answered.latency(0.999));
        targets.push(Target::new(
            format!("{name}: throughput"),
            Bound::AtLeast(1.15),
            throughput,
        ));
        targets.push(Target::new(
            format!("{name}: p99.9"),
            Bound::AtMost(1.1),
            tail,
        ));
    }
    targets.push(Target::new(
        format!("axum{over}, CPU over bare: RTI ÷ hyper-util by hand"),
        Bound::AtMost(1.1),
        over_bare([Way::Rti, Way::HyperUtil, Way::Bare].map(|way| of(Framework::Axum.with(way)))),
    ));
    let inspected = of(Framework::Axum.with(Way::RtiInspector));
    let throughput = inspected.ratio(of(Framework::Axum.with(Way::Rti)), |found| {
        found.answered.per_second()
    });
    targets.push(Target::new(
        format!("axum{over}, with the inspector ÷ without: throughput"),
        Bound::AtLeast(0.97),
        throughput,
    ));
    let fastest = all.iter().filter(|rounds| rounds.subject.way != Way::Bare);
    let fastest = fastest.map(|rounds| rounds.median(|found| found.answered.per_second()));
    let margin = ceiling / fastest.fold(0.0, f64::max);
    let asked = all.iter().filter(|rounds| rounds.subject.way != Way::Bare);
    let asked = asked
        .map(|rounds| median(rounds.asked.iter().copied()))
        .fold(1.0, f64::min);
    let bar = |rounds: &Rounds| Bar {
        name: rounds.subject.to_string(),
        length: rounds.ratio(of(rounds.subject.framework.with(Way::Reqwest)), |found| {
            found.answered.per_second()
        }),
        emphasis: match rounds.subject.way {
            Way::Rti => Emphasis::Measured,
            _ => Emphasis::Reference,
        },
    };
    let asks = |rounds: &&Rounds| rounds.subject.way != Way::Bare;
    Report {
        command: arguments.again(),
        tables: vec![Table {
            title: format!("subject{over}"),
            columns: COLUMNS.to_vec(),
            rows: all
                .iter()
                .map(|rounds| (rounds.subject.to_string(), row(rounds)))
                .collect(),
        }],
        targets,
        notes: vec![
            format!(
                "The floor is `reqwest` by hand on the same framework; figures are medians of {} rounds in turn, ratios those of the same round. Rounds in which others had the server's processor for more than a twentieth do not count. {CONNECTIONS} connections, a browser's request of 1.2 KB, one worker.",
                all[0].found.len()
            ),
            match wire {
                Wire::Plain => format!(
                    "Load and verdict service are no bottleneck: asked directly they do {margin:.1} × what the fastest server that asks does. They share a processor, and the server has the other."
                ),
                Wire::TlsHttp1 | Wire::TlsHttp2 => format!(
                    "Over {}: the verdict service is that of the tests and takes more of the processor that it shares with the load; where “CPU %” of a row is below 95 the server waited for it, and “CPU ÷ floor” is the figure to read.",
                    wire.name()
                ),
            },
            format!(
                "Of all requests, {:.0} % were checked.",
                100.0 * asked.min(1.0)
            ),
        ],
        chart: (
            "Requests a second, as a part of reqwest by hand on the same framework".into(),
            all.iter().filter(asks).map(bar).collect(),
        ),
    }
}

/// What the call costs, as a part of what it costs by hand.
fn over_bare([rti, floor, bare]: [&Rounds; 3]) -> f64 {
    let over_bare = |subject: &Rounds| {
        let pairs = subject.found.iter().zip(&bare.found);
        median(pairs.map(|(this, bare)| this.cpu - bare.cpu))
    };
    over_bare(rti) / over_bare(floor)
}

/// Below this the server did not have its processor to itself, and what it did says little.
const UNDISTURBED: f64 = 0.95;

/// With fewer rounds than this undisturbed, all count.
const ENOUGH: usize = 3;

/// The undisturbed of some rounds, where there are enough.
fn undisturbed<T>(rounds: Vec<T>, busy: impl Fn(&T) -> f64) -> Vec<T> {
    let good = |round: &T| busy(round) >= UNDISTURBED;
    if rounds.iter().filter(|round| good(round)).count() < ENOUGH {
        return rounds;
    }
    rounds.into_iter().filter(good).collect()
}

impl Rounds {
    fn figures(&self, figure: impl Fn(&Found) -> f64) -> Vec<f64> {
        let rounds = undisturbed(self.found.iter().collect(), |found| found.busy);
        rounds.into_iter().map(figure).collect()
    }

    fn median(&self, figure: impl Fn(&Found) -> f64) -> f64 {
        median(self.figures(figure))
    }

    /// The median of the rounds' ratios: what disturbs a round disturbs both.
    fn ratio(&self, floor: &Self, figure: impl Fn(&Found) -> f64) -> f64 {
        let pairs = self.found.iter().zip(&floor.found).collect();
        let pairs = undisturbed(pairs, |(this, floor)| this.busy.min(floor.busy));
        median(
            pairs
                .into_iter()
                .map(|(this, floor)| figure(this) / figure(floor)),
        )
    }

    fn quiet_rounds(&self) -> usize {
        self.figures(|found| found.busy).len()
    }

    fn row(&self, floor: &Self) -> Vec<f64> {
        let throughput = middle(self.figures(|found| found.answered.per_second()));
        vec![
            throughput.median,
            throughput.spread * 100.0,
            self.quiet_rounds() as f64,
            self.median(|found| found.answered.latency(0.5)),
            self.median(|found| found.answered.latency(0.99)),
            self.median(|found| found.answered.latency(0.999)),
            self.median(|found| found.busy * 100.0),
            self.median(|found| found.cpu),
            self.ratio(floor, |found| found.answered.per_second()),
            self.ratio(floor, |found| found.cpu),
            self.ratio(floor, |found| found.answered.latency(0.999)),
        ]
    }
}
