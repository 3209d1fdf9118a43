//! When the deadline of a call starts.

use std::time::Duration;

use rti_core::Rti;

use crate::checking::{Page, config};
use crate::scripted::Scripted;

const DEADLINE: Duration = Duration::from_millis(100);

/// A server may look at a request long before it is its turn, as with pipelined requests.
#[tokio::test(start_paused = true)]
async fn the_deadline_starts_when_the_decision_is_polled() {
    let config = config("http://127.0.0.1:9").timeout(DEADLINE);
    let rti = Rti::with_transport(config.build().unwrap(), Scripted::default());
    let inspection = rti.inspect(&Page::default());
    tokio::time::advance(10 * DEADLINE).await;
    let decision = rti.decide(inspection);
    tokio::time::advance(10 * DEADLINE).await;
    let decision = decision.await;
    assert_eq!(decision.outcome().as_str(), "evaluated");
    assert!(decision.elapsed() < DEADLINE, "{:?}", decision.elapsed());
}
