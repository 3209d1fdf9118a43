//! The figures as tables, against the targets, and as a chart.

use rti_test_network::Http;

use super::constants::{PROTOCOLS, name};
use super::grid::Cell;
use super::outage::Outage;
use super::rows::{Condition, Row};
use super::share::Share;
use crate::arguments::Arguments;
use crate::report::{Bar, Bound, Column, Emphasis, Report, Table, Target};

/// All that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) cells: Vec<Cell>,
    pub(super) rows: Vec<Row>,
    pub(super) outage: Vec<Outage>,
}

/// A phase of the grid, and where its share is.
type Phase = (&'static str, fn(&Cell) -> &Share);

const PHASES: [Phase; 5] = [
    ("first second", |cell| &cell.cold),
    ("100 visitors/s", |cell| &cell.steady),
    ("idle for 60 s", |cell| &cell.idle),
    ("burst of 50", |cell| &cell.bursts[0]),
    ("second burst", |cell| &cell.bursts[1]),
];

pub(super) fn report(arguments: &Arguments, found: &Found, lag: String) -> Report {
    for row in &found.rows {
        // What a figure comes from, for those who look into one.
        eprintln!("{}: {:?}", row.condition.name, row.shares);
    }
    Report {
        command: arguments.again(),
        tables: vec![grid(&found.cells), conditions(&found.rows), outage(&found.outage)],
        targets: targets(found),
        notes: vec![
            "Figures are verdicts obtained ÷ obtainable; a dash is what does not apply. In the table of conditions, *obtainable* is the part of all visitors.".into(),
            "Conditions 4, 5, 7 to 10 and 12 to 17 are on a path of 20 ms, condition 6 on one of 10 ms, condition 11 on one without delay.".into(),
            "In conditions 12, 14, 15 and 16 a verdict is obtained when a bot that comes a second later gets 403.".into(),
            "The chart shows the worst round-trip time, and the lower figure of the two protocols.".into(),
            lag,
        ],
        chart: (
            "Verdicts obtained ÷ obtainable".into(),
            bars(found),
        ),
    }
}

fn grid(cells: &[Cell]) -> Table {
    let row = |cell: &Cell| {
        let name = format!("{}, {} ms", name(cell.http), cell.round_trip);
        (name, PHASES.map(|(_, share)| share(cell).ratio()).into())
    };
    Table {
        title: "protocol, round-trip time".into(),
        columns: PHASES.map(|(phase, _)| Column::anywhere(phase, 3)).into(),
        rows: cells.iter().map(row).collect(),
    }
}

fn conditions(rows: &[Row]) -> Table {
    let row = |row: &Row| {
        let [first, second] = &row.shares;
        let figures = [
            part(first.as_ref()),
            ratio(first.as_ref()),
            part(second.as_ref()),
            ratio(second.as_ref()),
        ];
        let Condition { number, name, .. } = row.condition;
        (format!("{number}. {name}"), figures.into())
    };
    Table {
        title: "condition".into(),
        columns: vec![
            Column::anywhere("obtainable, HTTP/1.1", 2),
            Column::anywhere("÷, HTTP/1.1", 3),
            Column::anywhere("obtainable, HTTP/2", 2),
            Column::anywhere("÷, HTTP/2", 3),
        ],
        rows: rows.iter().map(row).collect(),
    }
}

fn part(share: Option<&Share>) -> f64 {
    share.map_or(f64::NAN, Share::part)
}

fn ratio(share: Option<&Share>) -> f64 {
    share.map_or(f64::NAN, Share::ratio)
}

fn outage(outages: &[Outage]) -> Table {
    let row = |outage: &Outage| {
        let figures = vec![outage.waited, outage.recovery];
        (name(outage.http).to_owned(), figures)
    };
    Table {
        title: "total outage".into(),
        columns: vec![
            Column::anywhere("waited for the deadline", 3),
            Column::anywhere("seconds to recover", 1),
        ],
        rows: outages.iter().map(row).collect(),
    }
}

/// The worst of a phase over a protocol.
fn worst(cells: &[Cell], http: Http, (_, share): Phase) -> f64 {
    let cells = cells.iter().filter(|cell| cell.http == http);
    cells.map(|cell| share(cell).ratio()).fold(1.0, f64::min)
}

/// The lower of the figures over the two protocols.
fn lower(row: &Row) -> f64 {
    let ratios = row.shares.iter().flatten().map(Share::ratio);
    ratios.fold(f64::INFINITY, f64::min)
}

fn targets(found: &Found) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut at_least = |what: String, bound, found| {
        targets.push(Target::new(what, Bound::AtLeast(bound), found));
    };
    let [_, steady, idle, first, second] = PHASES;
    for (http, phase, bound) in [
        (Http::One, steady, 0.99),
        (Http::Two, steady, 0.99),
        (Http::One, idle, 0.99),
        (Http::Two, idle, 0.99),
        (Http::Two, first, 0.95),
        (Http::One, second, 0.95),
        (Http::Two, second, 0.95),
    ] {
        let what = format!("{}, {}, worst round-trip time", name(http), phase.0);
        at_least(what, bound, worst(&found.cells, http, phase));
    }
    for row in &found.rows {
        let Condition { number, name, .. } = row.condition;
        let Some(bound) = bound(number) else {
            continue;
        };
        let what = format!("{number}. {name}");
        at_least(what, bound, lower(row));
    }
    for outage in &found.outage {
        let name = name(outage.http);
        let what = format!("{name}, total outage: part that waits, after a second");
        targets.push(Target::new(what, Bound::AtMost(0.01), outage.waited));
        let what = format!("{name}, total outage: seconds to recover");
        targets.push(Target::new(what, Bound::AtMost(1.0), outage.recovery));
    }
    targets
}

/// What was promised for a condition; the others are of the table by round-trip time.
fn bound(number: u32) -> Option<f64> {
    match number {
        5..=7 => Some(0.95),
        9 | 11 => Some(0.9),
        10 => Some(0.85),
        12 | 14..=16 => Some(1.0),
        _ => None,
    }
}

fn bars(found: &Found) -> Vec<Bar> {
    let mut bars = vec![Bar {
        name: "obtainable".into(),
        length: 1.0,
        emphasis: Emphasis::Reference,
    }];
    let mut measured = |name: String, length: f64| {
        bars.push(Bar {
            name,
            length,
            emphasis: Emphasis::Measured,
        });
    };
    for http in PROTOCOLS {
        for phase in PHASES {
            let name = format!("{}, {}", name(http), phase.0);
            measured(name, worst(&found.cells, http, phase));
        }
    }
    for row in &found.rows {
        let Condition { number, brief, .. } = row.condition;
        measured(format!("{number}. {brief}"), lower(row).min(1.0));
    }
    bars
}
