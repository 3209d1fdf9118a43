//! Visitors after a minute in which nobody came, while the service closes what is idle.

use std::time::Duration;

use rti_test_network::Http;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::constants::{PROTOCOLS, ROUND_TRIPS, SETTLED};
use super::rig::Path;
use super::share::Share;
use crate::arguments::Pace;

/// As many sites, each with one visitor: one alone says little.
const ENGINES: u32 = 10;

/// One round-trip time over one protocol.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) http: Http,
    pub(super) round_trip: u64,
    pub(super) share: Share,
}

/// All round-trip times and protocols at once, since nearly nothing happens.
pub(super) async fn measure(pace: Pace) -> Vec<Idle> {
    eprintln!("idle sites");
    let mut sites = JoinSet::new();
    for http in PROTOCOLS {
        for round_trip in ROUND_TRIPS {
            sites.spawn(async move {
                Idle {
                    http,
                    round_trip,
                    share: site(http, round_trip, pace).await,
                }
            });
        }
    }
    sites.join_all().await
}

async fn site(http: Http, round_trip: u64, pace: Pace) -> Share {
    let idle = Duration::from_secs(pace.pick(4, 60));
    let path = Path::start(http, Duration::from_millis(round_trip), |does| {
        // Some more than once in the time, and not all at once.
        does.idle = Some(idle.mul_f64(0.4)..=idle.mul_f64(0.6));
    });
    let mut visiting = JoinSet::new();
    for _ in 0..ENGINES {
        // One after the other: handshakes all at once would take the machine.
        sleep(Duration::from_millis(30)).await;
        let engine = path.engine(|config| config);
        visiting.spawn(async move {
            sleep(SETTLED).await;
            engine.visit().await;
            sleep(idle).await;
            engine.visit().await
        });
    }
    Share::of_all(&visiting.join_all().await)
}
