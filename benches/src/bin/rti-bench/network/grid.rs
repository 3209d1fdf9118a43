//! Round-trip times by protocol, in the phases of a site's day.

use std::time::Duration;

use rti_test_network::Http;
use tokio::time::sleep;

use super::constants::{PROTOCOLS, ROUND_TRIPS, SETTLED};
use super::ideal::Ideal;
use super::idle::Idle;
use super::rig::Rig;
use super::share::Share;
use crate::arguments::Pace;

const PER_SECOND: u32 = 100;
const BURST: u32 = 50;

/// One round-trip time over one protocol.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) http: Http,
    pub(super) round_trip: u64,
    /// From the engine's start, for one second.
    pub(super) cold: Share,
    /// From one second after it on.
    pub(super) steady: Share,
    pub(super) idle: Share,
    pub(super) bursts: [Share; 2],
}

pub(super) async fn measure(pace: Pace, idle: &[Idle]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for round_trip in ROUND_TRIPS {
        eprintln!("round-trip time of {round_trip} ms");
        let [first, second] = PROTOCOLS.map(|http| streams(http, round_trip, pace));
        let streams = <[_; 2]>::from(tokio::join!(first, second));
        // In turn: a burst of handshakes takes the machine.
        for (http, [cold, steady]) in PROTOCOLS.into_iter().zip(streams) {
            cells.push(Cell {
                http,
                round_trip,
                cold,
                steady,
                idle: idle_share(idle, http, round_trip),
                bursts: bursts(http, round_trip).await,
            });
        }
    }
    cells
}

fn idle_share(idle: &[Idle], http: Http, round_trip: u64) -> Share {
    let mut idle = idle.iter();
    let found = idle.find(|idle| (idle.http, idle.round_trip) == (http, round_trip));
    found.map(|idle| idle.share.clone()).unwrap_or_default()
}

/// Cold, then steady.
async fn streams(http: Http, round_trip: u64, pace: Pace) -> [Share; 2] {
    let round_trip = Duration::from_millis(round_trip);
    let ideal = Ideal::at(round_trip);
    let rig = Rig::start(http, round_trip);
    let cold = rig.engine.steady(PER_SECOND, SETTLED).await;
    let lasting = Duration::from_secs(pace.pick(2, 10));
    let steady = rig.engine.steady(PER_SECOND, lasting).await;
    [
        Share::of(&cold, |visit| ideal.connecting(Duration::ZERO, visit.at)),
        Share::of_all(&steady),
    ]
}

/// Two bursts, on an engine that nobody visited before.
async fn bursts(http: Http, round_trip: u64) -> [Share; 2] {
    let round_trip = Duration::from_millis(round_trip);
    let rig = Rig::start(http, round_trip);
    sleep(SETTLED).await;
    let first = rig.engine.burst(BURST).await;
    sleep(SETTLED).await;
    let second = rig.engine.burst(BURST).await;
    let first = match http {
        Http::One => Share::of_so_many(&first, Ideal::at(round_trip).first_burst(BURST)),
        Http::Two => Share::of_all(&first),
    };
    [first, Share::of_all(&second)]
}
