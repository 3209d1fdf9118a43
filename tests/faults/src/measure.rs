//! What a visitor sees, and how long it takes.

use std::time::{Duration, Instant};

use rti_conformance::Harness;
use rti_conformance::client::{Connection, Request, Response};
use rti_core::Mode;

use crate::rig::Rig;
use crate::scenario::{Before, DEADLINE, Scenario};

/// Of so many the median counts.
const SAMPLES: usize = 9;

/// What a loaded machine may add before something is wrong.
const SCHEDULING: Duration = Duration::from_secs(2);

/// What became of the visitors of one scenario.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) outcome: String,
    pub(crate) status: u16,
    pub(crate) median: Duration,
}

impl Measured {
    pub(crate) async fn of(
        framework: &'static dyn Harness,
        mode: Mode,
        scenario: &Scenario,
    ) -> Self {
        let rig = Rig::start(framework, mode, scenario).await;
        let mut visitor = Connection::open(rig.server.address()).await;
        // Dropped at the end of the scenario: until then it is in flight.
        let _in_flight = go_before(&rig, &mut visitor, scenario).await;
        let mut took = Vec::new();
        let mut seen = None;
        for _ in 0..SAMPLES {
            let (response, elapsed) = visit(&mut visitor).await;
            let now = (outcome(&response), response.status);
            assert_eq!(now.0, scenario.expected, "{}: {response:?}", scenario.name);
            let cookies = response.cookies();
            assert!(cookies.is_empty(), "{}: {cookies:?}", scenario.name);
            assert!(elapsed < DEADLINE + SCHEDULING, "served after {elapsed:?}");
            took.push(elapsed);
            seen = Some(now);
        }
        took.sort_unstable();
        let (outcome, status) = seen.unwrap();
        Self {
            outcome,
            status,
            median: took[SAMPLES / 2],
        }
    }
}

async fn go_before(rig: &Rig, visitor: &mut Connection, scenario: &Scenario) -> Option<Connection> {
    match scenario.before {
        Before::Once => drop(visit(visitor).await),
        Before::UntilExpected => while outcome(&visit(visitor).await.0) != scenario.expected {},
        Before::InFlight => {
            let mut other = Connection::open(rig.server.address()).await;
            other.write(Request::get("/verdict").bytes()).await;
            rig.simulator.as_ref().unwrap().wait_for(1).await;
            return Some(other);
        }
    }
    None
}

async fn visit(visitor: &mut Connection) -> (Response, Duration) {
    let began = Instant::now();
    let response = visitor.send(&Request::get("/verdict")).await;
    (response, began.elapsed())
}

/// What the handler was told: the reason where there is one, else how it came about.
fn outcome(response: &Response) -> String {
    let decision = response.json();
    let reason = decision["reason"].as_str();
    let outcome = reason.or(decision["outcome"].as_str());
    outcome.unwrap().to_owned()
}
