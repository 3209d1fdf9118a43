//! The challenge kit before pages that redirect to another origin, as to a sign-in or a payment service.

use rti_challenge::{Challenge, Cost, Keys};
use rti_simulator::{Rule, field};

use crate::expected::{ABOUT, blocked, challenged};
use crate::stage::Stage;
use crate::tab::{origin, visit};

crate::suite::cases![a_page_that_redirects_to_another_origin_is_reached,];

async fn a_page_that_redirects_to_another_origin_is_reached(stage: Stage) {
    let other = stage.again().start().await;
    let elsewhere = format!("{}/about", origin(&other));
    let url = elsewhere.clone();
    let kit = Challenge::proof_of_work(Keys::random().unwrap()).cost(Cost::new(1_000, 16));
    let stage = stage.configure(|config| config.redirect_url(url)).kit(kit);
    // Who comes from the page of the challenge has solved it.
    let (_site, tab) = visit(stage.blocking().rules([
        Rule::when(field("Referer").contains("/start")).then(blocked()),
        Rule::when(field("RequestURL").contains("/start")).then(challenged()),
    ]))
    .await;
    tab.go("/start").await;
    tab.shows(ABOUT).await;
    assert_eq!(tab.location().await, elsewhere);
}
