//! The verdict service hangs, then refuses, then comes back.

use std::time::{Duration, Instant};

use rti_bench::sample::Sample;
use tokio::time::sleep;

use crate::arguments::Arguments;
use crate::harness::{self, Round};
use crate::load::Connection;
use crate::report::{Bar, Bound, Column, Emphasis, Report, Table, Target};
use crate::server::{Options, Server};
use crate::service::{Behaviour, Service};
use crate::statistics::median;
use crate::subject::{Framework, Way};

/// Of an ordinary configuration: RTI's default.
const DEADLINE: Duration = Duration::from_millis(100);

/// Visitors at a time, before the circuit opens.
const VISITORS: usize = 16;

/// One at a time shows what one visitor waits for; more would show how they queue.
const WITH_CIRCUIT_OPEN: usize = 1;

const COLUMNS: [Column; 8] = [
    Column::here("bare p50 µs", 1),
    Column::here("bare p99 µs", 1),
    Column::here("added p50 µs", 1),
    Column::here("added p99 µs", 1),
    Column::anywhere("paid the deadline, hanging", 0),
    Column::anywhere("paid, refusing", 0),
    Column::anywhere("connections opened", 0),
    Column::anywhere("seconds to recover", 1),
];

/// What a framework's visitors went through.
#[derive(Debug, Default)]
struct Outage {
    bare: [f64; 2],
    added: [f64; 2],
    paid_hanging: usize,
    paid_refusing: usize,
    connections: u64,
    recovery: Duration,
}

pub(crate) fn run(arguments: &Arguments) -> Report {
    let rounds = arguments.pace.pick(5, 15);
    let found = harness::run(async {
        let mut found = Vec::new();
        for framework in Framework::ALL {
            found.push((framework, outage(framework, rounds).await));
        }
        found
    });
    report(arguments, &found)
}

async fn outage(framework: Framework, rounds: usize) -> Outage {
    let service = Service::start();
    let mut options = Options::new(framework.with(Way::Rti), service.address);
    options.timeout = DEADLINE;
    let protected = Server::start(options);
    let bare = Server::start(Options::new(framework.with(Way::Bare), service.address));
    // Connections in the pool, as in a day's work.
    visit_at_once(&protected).await;

    let before = service.connections();
    service.behave(Behaviour::Hang);
    let mut outage = Outage {
        paid_hanging: until_open(&protected).await,
        ..Outage::default()
    };
    (outage.bare, outage.added) = compared(&bare, &protected, rounds).await;
    outage.connections = service.connections() - before;

    service.behave(Behaviour::Refuse);
    // Past many probes, which find nobody: the circuit stays open, and nobody waits.
    let refusing = Instant::now();
    while refusing.elapsed() < Duration::from_millis(5500) {
        outage.paid_refusing += visit_at_once(&protected).await;
        sleep(Duration::from_millis(50)).await;
    }

    service.behave(Behaviour::Answer(Duration::ZERO));
    outage.recovery = until_verdicts(&protected, &service).await;
    outage
}

/// Visitors until one round of them waits for nothing; how many did wait.
async fn until_open(server: &Server) -> usize {
    let mut paid = 0;
    for _ in 0..20 {
        match visit_at_once(server).await {
            0 => return paid,
            waited => paid += waited,
        }
    }
    panic!("the circuit does not open")
}

/// How many of some visitors at once waited for the deadline.
async fn visit_at_once(server: &Server) -> usize {
    let request = Sample::browser().wire();
    let visits = (0..VISITORS).map(|_| async {
        let mut connection = Connection::open(server.address).await?;
        let asked = Instant::now();
        connection.ask(&request).await?;
        Ok(asked.elapsed())
    });
    let visits: Vec<std::io::Result<Duration>> = futures_util::future::join_all(visits).await;
    let times = visits
        .into_iter()
        .map(|time| time.expect("the server answers every request"));
    times.filter(|time| *time >= DEADLINE.mul_f64(0.9)).count()
}

/// The latencies of the bare server, and what the other adds to them: the median of rounds in turn.
async fn compared(bare: &Server, protected: &Server, rounds: usize) -> ([f64; 2], [f64; 2]) {
    let round = Round {
        connections: WITH_CIRCUIT_OPEN,
        warm_up: Duration::from_millis(50),
        duration: Duration::from_millis(250),
    };
    let (mut unprotected, mut added) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let without = round.on(bare).await.answered;
        let with = round.on(protected).await.answered;
        let parts = [0.5, 0.99];
        unprotected.push(parts.map(|part| without.latency(part)));
        added.push(parts.map(|part| with.latency(part) - without.latency(part)));
    }
    let of = |rounds: &[[f64; 2]], index: usize| median(rounds.iter().map(|round| round[index]));
    (
        [of(&unprotected, 0), of(&unprotected, 1)],
        [of(&added, 0), of(&added, 1)],
    )
}

async fn until_verdicts(server: &Server, service: &Service) -> Duration {
    let back = Instant::now();
    let before = service.answers();
    while back.elapsed() < Duration::from_secs(15) {
        visit_at_once(server).await;
        if service.answers() > before + VISITORS as u64 {
            return back.elapsed();
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("verdicts do not flow again")
}

fn report(arguments: &Arguments, found: &[(Framework, Outage)]) -> Report {
    let row = |(framework, outage): &(Framework, Outage)| {
        let figures = vec![
            outage.bare[0],
            outage.bare[1],
            outage.added[0],
            outage.added[1],
            outage.paid_hanging as f64,
            outage.paid_refusing as f64,
            outage.connections as f64,
            outage.recovery.as_secs_f64(),
        ];
        (framework.name().to_owned(), figures)
    };
    let targets = found.iter().flat_map(|(framework, outage)| {
        let name = framework.name();
        [
            Target::new(
                format!("{name}, circuit open: µs added at p50"),
                Bound::AtMost(50.0),
                outage.added[0],
            ),
            Target::new(
                format!("{name}, circuit open: µs added at p99"),
                Bound::AtMost(50.0),
                outage.added[1],
            ),
        ]
    });
    let bar = |(framework, outage): &(Framework, Outage)| Bar {
        name: framework.name().to_owned(),
        length: outage.added[0].max(0.0),
        emphasis: Emphasis::Measured,
    };
    Report {
        command: arguments.again(),
        tables: vec![Table {
            title: "framework".into(),
            columns: COLUMNS.to_vec(),
            rows: found.iter().map(row).collect(),
        }],
        targets: targets.collect(),
        notes: vec![
            format!("{VISITORS} visitors at a time until one round waits for nothing: those who waited paid the deadline of {} ms. Half a second of failed calls opens the circuit.", DEADLINE.as_millis()),
            "Added latency is over the same framework without RTI, in turns, one visitor at a time. Connections are those opened to the service while it hung.".into(),
            "To recover takes until the next probe, half a second at most, and its answer.".into(),
        ],
        chart: ("Microseconds added at the median while the circuit is open".into(), found.iter().map(bar).collect()),
    }
}
