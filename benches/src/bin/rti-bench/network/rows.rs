//! The conditions that took verdicts away, one row each.

mod breaker;
mod connections;
mod limits;
mod runtimes;

use std::time::Duration;

use rti_test_network::Http;

use super::grid::Cell;
use super::share::Share;
use super::{FAR, PROTOCOLS, pipelined};
use crate::arguments::Pace;

/// A condition, and what was obtained over HTTP/1.1 and over HTTP/2.
#[derive(Debug)]
pub(super) struct Row {
    /// Rows are in this order.
    pub(super) number: u32,
    pub(super) name: &'static str,
    pub(super) shares: [Option<Share>; 2],
}

impl Row {
    fn new(number: u32, name: &'static str, shares: [Share; 2]) -> Self {
        Self {
            number,
            name,
            shares: shares.map(Some),
        }
    }

    fn over_http2(number: u32, name: &'static str, share: Share) -> Self {
        Self {
            number,
            name,
            shares: [None, Some(share)],
        }
    }

    /// The same over both protocols at once.
    async fn of<F>(number: u32, name: &'static str, measure: impl Fn(Http) -> F) -> Self
    where
        F: Future<Output = Share>,
    {
        eprintln!("{name}");
        let [first, second] = PROTOCOLS.map(measure);
        Self::new(number, name, tokio::join!(first, second).into())
    }

    /// The same over one protocol after the other: it takes the machine.
    async fn in_turn<F>(number: u32, name: &'static str, measure: impl Fn(Http) -> F) -> Self
    where
        F: Future<Output = Share>,
    {
        eprintln!("{name}");
        let shares = [measure(Http::One).await, measure(Http::Two).await];
        Self::new(number, name, shares)
    }
}

/// What shows only after calls of eight seconds, and needs the machine for nothing.
pub(super) async fn late_failures() -> Row {
    let name = "`timeout` of 8 s, late failures after an outage";
    Row::of(13, name, breaker::late_failures).await
}

pub(super) async fn measure(pace: Pace, cells: &[Cell]) -> Vec<Row> {
    let seconds = |quick, thorough| Duration::from_secs(pace.pick(quick, thorough));
    let far = |http: Http, share: fn(&Cell) -> Share| {
        let far = FAR.as_millis();
        let mut cells = cells.iter();
        let cell = cells.find(|cell| cell.http == http && u128::from(cell.round_trip) == far);
        cell.map(share).expect("it is one of the round-trip times")
    };
    let cold = |cell: &Cell| cell.cold.clone().and(&cell.steady);
    let idle = |cell: &Cell| cell.idle.clone();
    vec![
        Row::new(
            1,
            "40 ms away, from cold",
            PROTOCOLS.map(|http| far(http, cold)),
        ),
        Row::in_turn(2, "40 ms away, 12 visitors at once each second", |http| {
            connections::bursts(http, pace.pick(3, 10))
        })
        .await,
        Row::new(
            3,
            "40 ms away, a visitor a minute",
            PROTOCOLS.map(|http| far(http, idle)),
        ),
        Row::of(4, "connections dropped, handshakes of 150 ms", |http| {
            connections::dropped(http, pace.pick(2, 5))
        })
        .await,
        Row::over_http2(
            5,
            "GOAWAY, refused streams, sessions destroyed",
            connections::ending(seconds(2, 7)).await,
        ),
        Row::over_http2(
            6,
            "10 streams a connection, service of 50 ms, 300 visitors/s",
            connections::few_streams(seconds(2, 10)).await,
        ),
        Row::of(7, "connections gone silent, new ones work", |http| {
            connections::silent(http, seconds(5, 20))
        })
        .await,
        Row::of(8, "a worker blocked for 300 ms of 400", runtimes::blocked).await,
        Row::of(
            8,
            "a runtime that is not driven any more",
            runtimes::not_driven,
        )
        .await,
        Row::of(9, "49 % of calls fail at random", |http| {
            breaker::failing(http, seconds(4, 20))
        })
        .await,
        Row::of(10, "service up for 52 % of the time, in turns", |http| {
            breaker::flapping(http, seconds(16, 60))
        })
        .await,
        Row::of(11, "service of 90 to 110 ms", |http| {
            breaker::at_the_deadline(http, seconds(4, 20))
        })
        .await,
        Row::of(
            12,
            "clients that leave after 30 ms, after an outage",
            breaker::leaving,
        )
        .await,
        Row::in_turn(
            14,
            "1,000 connections with 1,024 descriptors",
            limits::descriptors,
        )
        .await,
        Row::in_turn(
            15,
            "one client sends 1,600 requests at once",
            limits::one_client,
        )
        .await,
        Row::of(
            16,
            "pipelined behind 6 MB that nobody reads",
            pipelined::measure,
        )
        .await,
        Row::of(
            17,
            "every answer a 404 after an outage: calls made",
            breaker::not_found,
        )
        .await,
    ]
}
