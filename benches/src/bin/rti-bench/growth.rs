//! More connections, and a slower service.

use std::time::Duration;

use crate::arguments::Arguments;
use crate::harness::{self, Found, Round};
use crate::load::Load;
use crate::report::{Bar, Bound, Column, Emphasis, Report, Table, Target};
use crate::server::{self, Options, Server};
use crate::service::{Behaviour, Service};
use crate::statistics::median;
use crate::subject::{Framework, Way};

const CONNECTIONS: [usize; 5] = [1, 8, 32, 128, 512];
const LATENCIES: [u64; 3] = [1, 10, 50];

/// Above this the server's processor counts as full, and throughput is bound by it.
const FULL: f64 = 0.8;

/// One measurement of one server.
struct Point {
    framework: Framework,
    /// Of the service, in milliseconds; none is as fast as it can.
    latency: u64,
    connections: usize,
    per_second: f64,
    p99: f64,
    busy: f64,
    /// Requests a second if nothing but the service took time.
    ideal: f64,
}

pub(crate) fn run(arguments: &Arguments) -> Report {
    let round = Round {
        connections: 0,
        warm_up: Duration::from_millis(arguments.pace.pick(250, 500)),
        duration: Duration::from_millis(arguments.pace.pick(300, 1000)),
    };
    let rounds = arguments.pace.pick(1, 2);
    let body = server::body();
    let points = harness::run(async {
        let service = Service::start();
        let start = |framework: Framework| {
            Server::start(Options::new(framework.with(Way::Rti), service.address))
        };
        let servers = Framework::ALL.map(|framework| (framework, start(framework)));
        let mut points = Vec::new();
        for latency in [0].into_iter().chain(LATENCIES) {
            service.behave(Behaviour::Answer(Duration::from_millis(latency)));
            for connections in CONNECTIONS {
                let round = Round {
                    connections,
                    ..round
                };
                let taken = answering(&service, round, &body).await;
                for (framework, server) in &servers {
                    points.push(Point {
                        latency,
                        ideal: connections as f64 / taken,
                        ..point(*framework, server, round, rounds).await
                    });
                }
            }
        }
        points
    });
    report(arguments, &points)
}

async fn point(framework: Framework, server: &Server, round: Round, rounds: usize) -> Point {
    let mut found = Vec::new();
    for _ in 0..rounds {
        found.push(round.on(server).await);
    }
    let of = |figure: fn(&Found) -> f64| median(found.iter().map(figure));
    Point {
        framework,
        latency: 0,
        connections: round.connections,
        per_second: of(|found| found.answered.per_second()),
        p99: of(|found| found.answered.latency(0.99)),
        busy: of(|found| found.busy),
        ideal: f64::NAN,
    }
}

/// How many seconds the service really takes, asked directly over as many connections.
async fn answering(service: &Service, round: Round, body: &[u8]) -> f64 {
    let head = format!("POST / HTTP/1.1\r\ncontent-length: {}\r\n\r\n", body.len());
    let request = [head.as_bytes(), body].concat();
    let load = Load {
        address: service.address,
        connections: round.connections,
        warm_up: Duration::from_millis(50),
        duration: Duration::from_millis(250),
    };
    let (answered, ()) = load.run(&request, || ()).await;
    answered.latency(0.5) / 1e6
}

fn report(arguments: &Arguments, points: &[Point]) -> Report {
    let find = |framework, latency, connections| {
        let is = |point: &&Point| {
            (point.framework, point.latency, point.connections) == (framework, latency, connections)
        };
        points.iter().find(is).expect("it was measured")
    };
    let mut tables = Vec::new();
    let mut targets = Vec::new();
    for framework in Framework::ALL {
        let alone = find(framework, 0, 1).per_second;
        let rows = points
            .iter()
            .filter(|point| point.framework == framework)
            .map(|point| {
                let name = match point.latency {
                    0 => format!("{} connections", point.connections),
                    latency => {
                        format!("{} connections, service of {latency} ms", point.connections)
                    }
                };
                let hidden = if point.latency == 0 {
                    f64::NAN
                } else {
                    point.per_second / point.ideal
                };
                let figures = vec![
                    point.per_second,
                    point.p99,
                    point.busy * 100.0,
                    point.per_second / alone,
                    hidden,
                ];
                (name, figures)
            });
        tables.push(Table {
            title: framework.name().into(),
            columns: vec![
                Column::here("req/s", 0),
                Column::here("p99 µs", 0),
                Column::here("CPU %", 0),
                Column::anywhere("÷ one connection", 2),
                Column::anywhere("÷ (connections ÷ latency)", 2),
            ],
            rows: rows.collect(),
        });
        for latency in LATENCIES {
            let slow = points
                .iter()
                .filter(|point| point.framework == framework && point.latency == latency);
            let idle = slow.filter(|point| point.busy < FULL);
            let worst = idle
                .map(|point| point.per_second / point.ideal)
                .fold(f64::INFINITY, f64::min);
            let what = format!(
                "{}, service of {latency} ms: the least of throughput ÷ (connections ÷ latency) with the CPU not full",
                framework.name()
            );
            targets.push(Target::new(what, Bound::AtLeast(0.9), worst));
        }
    }
    let bars = CONNECTIONS.map(|connections| Bar {
        name: format!("axum, {connections} connections"),
        length: find(Framework::Axum, 0, connections).per_second
            / find(Framework::Axum, 0, 1).per_second,
        emphasis: Emphasis::Measured,
    });
    Report {
        command: arguments.again(),
        tables,
        targets,
        notes: vec![
            "One worker on a processor of its own; the latency is the service's as asked directly over as many connections.".into(),
            format!("The CPU counts as full from {:.0} % of the server's processor.", FULL * 100.0),
        ],
        chart: ("Throughput as a multiple of one connection's".into(), bars.to_vec()),
    }
}
