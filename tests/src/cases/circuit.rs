//! The circuit breaker and the cap on calls in flight: a failing service costs next to nothing.

use crate::Stage;
use crate::client::Request;
use rti_core::ConfigBuilder;
use rti_simulator::Fault;

crate::suite::cases![
    an_open_circuit_makes_no_more_calls,
    a_circuit_breaker_that_is_off_calls_on,
    past_the_cap_requests_go_on_at_once,
];

async fn an_open_circuit_makes_no_more_calls(stage: Stage) {
    let variables = ConfigBuilder::from_vars([("RTI_CIRCUIT_BREAKER_WINDOW", "1")]);
    let stage = stage.configure_from(variables).blocking();
    let site = stage.answer(Fault::status(503)).start().await;
    let mut reasons = Vec::new();
    while reasons.last().is_none_or(|reason| reason == "status_503") {
        assert!(reasons.len() < 100, "it never opens");
        reasons.push(site.decision().await["reason"].clone());
    }
    assert_eq!(reasons.last().unwrap(), "circuit_open");
    // The next probe takes as long as the deadline, and no visitor waits for it.
    site.answer(Fault::Hang);
    let asked = site.calls();
    for _ in 0..10 {
        assert_eq!(site.decision().await["reason"], "circuit_open");
    }
    assert_eq!(site.get("/").await.text(), "hello");
    // One may have been under way already.
    assert!(site.calls() <= asked + 2, "visitors were checked");
}

async fn a_circuit_breaker_that_is_off_calls_on(stage: Stage) {
    let variables = ConfigBuilder::from_vars([("RTI_CIRCUIT_BREAKER", "off")]);
    let stage = stage.configure_from(variables).blocking();
    let site = stage.answer(Fault::status(503)).start().await;
    for _ in 0..30 {
        assert_eq!(site.decision().await["reason"], "status_503");
    }
    assert_eq!(site.calls(), 30);
}

async fn past_the_cap_requests_go_on_at_once(stage: Stage) {
    let variables = ConfigBuilder::from_vars([("RTI_MAX_IN_FLIGHT", "1")]);
    let site = stage
        .configure_from(variables)
        .answer(Fault::Hang)
        .start()
        .await;
    let mut first = site.connect().await;
    first.write(Request::get("/").bytes()).await;
    site.simulator.wait_for(1).await;
    assert_eq!(site.decision().await["reason"], "saturated");
    assert_eq!(site.calls(), 1);
}
