//! Answers after the deadline: over HTTP/1.1 they must not cost their connections.

use std::time::Duration;

use rti_core::CircuitBreaker;
use rti_test_network::Http;
use tokio::time::sleep;

use crate::checking::check;
use crate::rig::{DEADLINE, Rig};

#[tokio::test]
async fn a_timed_out_call_keeps_its_connection() {
    const TOO_LATE: Duration = Duration::from_millis(50);
    const LATE: Duration = DEADLINE.saturating_add(TOO_LATE);
    const CALLS: u64 = 15;
    let rig = Rig::configured(
        Http::One,
        Duration::ZERO,
        |does| does.service_time = LATE..=LATE,
        |config| config.circuit_breaker(CircuitBreaker::Off),
    );
    for _ in 0..CALLS {
        let decision = check(&rig.rti).await;
        assert_eq!(decision.outcome().reason().as_deref(), Some("timeout"));
        // The late answer comes.
        sleep(TOO_LATE).await;
    }
    let (requests, accepted) = (rig.service.requests(), rig.service.accepted());
    assert_eq!(requests, CALLS);
    // Those that are kept idle, and hardly one more.
    assert!(
        accepted <= 6,
        "{accepted} connections for {requests} calls in turn"
    );
    rig.service
        .change(|does| does.service_time = Duration::ZERO..=Duration::ZERO);
    assert_eq!(check(&rig.rti).await.outcome().as_str(), "evaluated");
}
