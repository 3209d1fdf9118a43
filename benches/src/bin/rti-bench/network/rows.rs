//! The conditions that took verdicts away, one row each.

mod breaker;
mod connections;
mod limits;
mod runtimes;

use std::time::Duration;

use rti_test_network::Http;

use super::constants::{FAR, PROTOCOLS};
use super::grid::Cell;
use super::pipelined;
use super::share::Share;
use crate::arguments::Pace;

/// What is the matter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Condition {
    /// Rows are in this order.
    pub(super) number: u32,
    pub(super) name: &'static str,
    /// The name where there is little room.
    pub(super) brief: &'static str,
}

/// What was obtained in a condition, over HTTP/1.1 and over HTTP/2.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) condition: Condition,
    pub(super) shares: [Option<Share>; 2],
}

const fn condition(number: u32, name: &'static str, brief: &'static str) -> Condition {
    Condition {
        number,
        name,
        brief,
    }
}

const COLD: Condition = condition(1, "40 ms away, from cold", "from cold");
const BURSTS: Condition = condition(
    2,
    "40 ms away, 12 visitors at once each second",
    "12 at once",
);
const IDLE: Condition = condition(3, "40 ms away, a visitor a minute", "a visitor a minute");
const DROPPED: Condition = condition(
    4,
    "connections dropped every 2 s, handshakes of 150 ms",
    "connections dropped",
);
const ENDING: Condition = condition(
    5,
    "GOAWAY, refused streams, sessions destroyed",
    "GOAWAY, refused streams",
);
const STREAMS: Condition = condition(
    6,
    "10 streams a connection, service of 50 ms, 300 visitors/s",
    "10 streams a connection",
);
const SILENT: Condition = condition(7, "connections gone silent, new ones work", "gone silent");
const BLOCKED: Condition = condition(8, "a worker blocked for 300 of 400 ms", "blocked worker");
const NOT_DRIVEN: Condition = condition(
    8,
    "the first runtime is not driven any more",
    "resting runtime",
);
const FAILING: Condition = condition(9, "49 % of calls fail at random", "49 % of calls fail");
const FLAPPING: Condition = condition(
    10,
    "service up for 52 % of the time, in turns",
    "up for 52 %",
);
const SLOW: Condition = condition(11, "service of 90 to 110 ms", "90 to 110 ms");
const LEAVING: Condition = condition(
    12,
    "8 clients that leave after 30 ms, after an outage",
    "clients that leave",
);
const LATE_FAILURES: Condition = condition(
    13,
    "`timeout` of 8 s, late failures after an outage",
    "late failures",
);
const DESCRIPTORS: Condition = condition(
    14,
    "1,000 connections with 1,024 descriptors",
    "few descriptors",
);
const ONE_CLIENT: Condition = condition(
    15,
    "one client sends 1,600 requests at once",
    "1,600 of one client",
);
const PIPELINED: Condition = condition(16, "pipelined behind 6 MB that nobody reads", "pipelined");
const NOT_FOUND: Condition = condition(
    17,
    "every answer a 404 after an outage: calls made",
    "404 after an outage",
);

impl Condition {
    fn row(self, shares: [Share; 2]) -> Row {
        Row {
            condition: self,
            shares: shares.map(Some),
        }
    }

    /// Over both protocols at once.
    async fn at_once<F>(self, measure: impl Fn(Http) -> F) -> Row
    where
        F: Future<Output = Share>,
    {
        eprintln!("{}", self.name);
        let [first, second] = PROTOCOLS.map(measure);
        self.row(tokio::join!(first, second).into())
    }

    /// Over one protocol after the other: it takes the machine.
    async fn in_turn<F>(self, measure: impl Fn(Http) -> F) -> Row
    where
        F: Future<Output = Share>,
    {
        eprintln!("{}", self.name);
        self.row([measure(Http::One).await, measure(Http::Two).await])
    }

    async fn over_http2(self, measure: impl Future<Output = Share>) -> Row {
        eprintln!("{}", self.name);
        Row {
            condition: self,
            shares: [None, Some(measure.await)],
        }
    }
}

/// What shows only after calls of eight seconds, and needs the machine for nothing.
pub(super) async fn late_failures() -> Row {
    LATE_FAILURES.at_once(breaker::late_failures).await
}

pub(super) async fn measure(pace: Pace, cells: &[Cell]) -> Vec<Row> {
    let lasting = |quick, thorough| Duration::from_secs(pace.pick(quick, thorough));
    let (short, long) = (lasting(2, 10), lasting(5, 20));
    let drops = pace.pick(2, 5);
    let cold = |cell: &Cell| cell.cold.clone().and(&cell.steady);
    vec![
        COLD.row(PROTOCOLS.map(|http| cold(far(cells, http)))),
        BURSTS
            .in_turn(|http| connections::bursts(http, pace.pick(3, 10)))
            .await,
        IDLE.row(PROTOCOLS.map(|http| far(cells, http).idle.clone())),
        DROPPED
            .at_once(|http| connections::dropped(http, drops))
            .await,
        ENDING.over_http2(connections::ending(short)).await,
        STREAMS.over_http2(connections::few_streams(short)).await,
        SILENT.at_once(|http| connections::silent(http, long)).await,
        BLOCKED.at_once(runtimes::blocked).await,
        NOT_DRIVEN.at_once(runtimes::not_driven).await,
        FAILING.at_once(|http| breaker::failing(http, long)).await,
        FLAPPING
            .at_once(|http| breaker::flapping(http, lasting(20, 60)))
            .await,
        SLOW.at_once(|http| breaker::at_the_deadline(http, long))
            .await,
        LEAVING.at_once(breaker::leaving).await,
        DESCRIPTORS.in_turn(limits::descriptors).await,
        ONE_CLIENT.in_turn(limits::one_client).await,
        PIPELINED.at_once(pipelined::measure).await,
        NOT_FOUND.at_once(breaker::not_found).await,
    ]
}

/// What the table by round-trip time says of a service that is far.
fn far(cells: &[Cell], http: Http) -> &Cell {
    let is_far = |cell: &&Cell| u128::from(cell.round_trip) == FAR.as_millis();
    let mut cells = cells.iter().filter(is_far);
    let cell = cells.find(|cell| cell.http == http);
    cell.expect("it is one of the round-trip times")
}
