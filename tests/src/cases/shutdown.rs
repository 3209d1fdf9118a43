//! Graceful shutdown: what was begun is finished.

use std::time::Duration;

use crate::Stage;
use crate::client::Request;
use rti_simulator::{Rule, Verdict};

crate::suite::cases![
    a_verdict_in_flight_is_awaited_at_shutdown,
    a_block_in_flight_is_delivered_at_shutdown,
];

/// Gets `/` while the application shuts down, with the verdict still on its way.
async fn at_shutdown(stage: Stage, verdict: Verdict) -> crate::client::Response {
    let late = Rule::always()
        .then(verdict)
        .after(Duration::from_millis(300));
    let mut site = stage.blocking().rules([late]).start().await;
    let mut connection = site.connect().await;
    connection.write(Request::get("/").bytes()).await;
    site.simulator.wait_for(1).await;
    site.server.begin_shutdown();
    let response = connection.response_to("GET").await;
    drop(connection);
    site.server.stopped().await;
    response
}

async fn a_verdict_in_flight_is_awaited_at_shutdown(stage: Stage) {
    let cookies = stage.set_by_verdict("_cheq_rti=b");
    let verdict = Verdict::valid().set_cookie("_cheq_rti=b");
    let response = at_shutdown(stage, verdict).await;
    assert_eq!((response.status, response.text()), (200, "hello"));
    assert_eq!(response.cookies(), cookies);
}

async fn a_block_in_flight_is_delivered_at_shutdown(stage: Stage) {
    let response = at_shutdown(stage, Verdict::threat(3)).await;
    assert_eq!(response.status, 403);
}
