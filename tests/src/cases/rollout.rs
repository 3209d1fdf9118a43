//! From monitoring to blocking in steps: policies of parts of a site, and changes while it runs.

use crate::client::Request;
use crate::{Site, Stage};
use rti_core::{EXPLAIN_HEADER, Mode, OnFailure, PolicyOptions, TEST_HEADER};
use rti_simulator::{Fault, Verdict};

crate::suite::cases![
    each_part_of_a_site_has_its_policy,
    no_spelling_gets_past_a_policy,
    a_closed_policy_answers_503_without_a_verdict,
    a_closed_policy_is_closed_while_the_circuit_is_open,
    a_share_of_nobody_blocks_nobody,
    a_shadow_is_seen_and_never_applied,
    a_test_request_is_blocked_and_explained,
    a_test_request_without_the_secret_is_as_any_other,
    the_mode_is_changed_while_the_site_runs,
    off_still_removes_the_headers_of_rti,
    a_reload_takes_effect_and_no_request_fails,
];

const BOT: u32 = 3;
const SECRET: &str = "a-secret-of-sixteen-and-more";

fn mode(mode: Mode) -> PolicyOptions {
    PolicyOptions::new().mode(mode)
}

async fn shop(stage: Stage) -> Site {
    let stage = stage.answer(Verdict::threat(BOT)).configure(|config| {
        config
            .policy("about", ["/about"], mode(Mode::Blocking))
            .policy("count", ["re:^/count"], mode(Mode::Off))
    });
    stage.start().await
}

async fn each_part_of_a_site_has_its_policy(stage: Stage) {
    let site = shop(stage).await;
    assert_eq!(site.get("/about").await.status, 403);
    assert_eq!(site.get("/").await.text(), "hello");
    let decision = site.decision().await;
    assert_eq!(decision["policy"], "default");
    assert_eq!(decision["policy_action"], "block");
    let asked = site.calls();
    assert_eq!(site.get("/count").await.status, 200);
    assert_eq!(site.calls(), asked);
    // A regex that turns off is for what changes nothing.
    site.send(&Request::post("/count/up", "")).await;
    assert_eq!(site.calls(), asked + 1);
}

async fn no_spelling_gets_past_a_policy(stage: Stage) {
    let site = shop(stage).await;
    for target in [
        "/%61bout",
        "//about",
        "/count/../about",
        "/count/%2e%2e/about",
        "/about;v=1",
        "/ABOUT",
        "/about/",
    ] {
        let response = site.send(&Request::get(target)).await;
        // Some servers refuse such a target themselves.
        assert!(
            matches!(response.status, 400 | 403),
            "{target}: {response:?}"
        );
    }
}

async fn a_closed_policy_answers_503_without_a_verdict(stage: Stage) {
    let closed = mode(Mode::Blocking).on_failure(OnFailure::Closed);
    let stage = stage.configure(|config| config.policy("login", ["/about"], closed));
    let site = stage.answer(Fault::status(500)).start().await;
    let response = site.get("/about").await;
    assert_eq!(response.status, 503, "{response:?}");
    assert_eq!(response.header("Retry-After"), Some("5"));
    assert_eq!(response.header("Cache-Control"), Some("no-store"));
    assert_eq!(site.get("/").await.text(), "hello");
    site.answer(Verdict::valid());
    assert_eq!(site.get("/about").await.text(), "about");
}

async fn a_closed_policy_is_closed_while_the_circuit_is_open(stage: Stage) {
    let stage = stage.configure(|config| {
        let closed = mode(Mode::Blocking).on_failure(OnFailure::Closed);
        let config = config.circuit_breaker_min_calls(1);
        let config = config.circuit_breaker_window(std::time::Duration::from_millis(1));
        config.policy("login", ["/about"], closed)
    });
    let site = stage.answer(Fault::status(500)).start().await;
    for _ in 0..5 {
        assert_eq!(site.get("/about").await.status, 503);
    }
}

async fn a_share_of_nobody_blocks_nobody(stage: Stage) {
    let stage = stage.blocking().answer(Verdict::threat(BOT));
    let site = stage
        .configure(|config| config.enforce_percent(0.0))
        .start()
        .await;
    let decision = site.decision().await;
    assert_eq!(decision["action"], "allow");
    assert_eq!(decision["policy_action"], "block");
}

async fn a_shadow_is_seen_and_never_applied(stage: Stage) {
    let stage = stage.answer(Verdict::valid()).configure(|config| {
        let shadow = PolicyOptions::new().mode(Mode::Blocking);
        config.shadow(shadow)
    });
    let site = stage.start().await;
    assert_eq!(site.decision().await["shadow_action"], "allow");
    site.answer(Verdict::threat(BOT));
    let decision = site.decision().await;
    assert_eq!(decision["shadow_action"], "block");
    assert_eq!(decision["action"], "allow");
}

async fn a_test_request_is_blocked_and_explained(stage: Stage) {
    let stage = stage.answer(Verdict::threat(BOT));
    let site = stage
        .configure(|config| config.test_secret(SECRET))
        .start()
        .await;
    let request = Request::get("/").header("X-RTI-Test", SECRET);
    let response = site.send(&request).await;
    assert_eq!(response.status, 403);
    let explanation = response.header(EXPLAIN_HEADER).unwrap();
    assert!(
        explanation.starts_with("policy=default; outcome=evaluated; action=block;"),
        "{explanation}"
    );
    site.answer(Verdict::valid());
    let request = Request::get("/headers").header("X-RTI-Test", SECRET);
    let response = site.send(&request).await;
    assert!(response.header(EXPLAIN_HEADER).is_some());
    assert!(!response.text().contains(SECRET), "{}", response.text());
    let sent = site.simulator.journal();
    assert!(
        sent.iter()
            .all(|sent| !format!("{sent:?}").contains(SECRET))
    );
}

async fn a_test_request_without_the_secret_is_as_any_other(stage: Stage) {
    let stage = stage.answer(Verdict::threat(BOT));
    let site = stage
        .configure(|config| config.test_secret(SECRET))
        .start()
        .await;
    for given in ["", "a-secret-of-sixteen-and-m", "other"] {
        let request = Request::get("/headers").header(TEST_HEADER, given);
        let response = site.send(&request).await;
        assert_eq!(response.status, 200, "{given}");
        assert_eq!(response.header(EXPLAIN_HEADER), None);
        if !given.is_empty() {
            assert!(!response.text().contains(given), "{}", response.text());
        }
    }
}

async fn the_mode_is_changed_while_the_site_runs(stage: Stage) {
    let site = stage.answer(Verdict::threat(BOT)).start().await;
    assert_eq!(site.get("/").await.text(), "hello");
    site.rti.set_mode(Some(Mode::Blocking));
    assert_eq!(site.get("/").await.status, 403);
    site.rti.set_mode(Some(Mode::Off));
    let asked = site.calls();
    assert_eq!(site.get("/").await.text(), "hello");
    assert_eq!(site.calls(), asked);
    site.rti.set_mode(None);
    assert_eq!(site.decision().await["policy_action"], "block");
}

async fn off_still_removes_the_headers_of_rti(stage: Stage) {
    let site = stage
        .configure(|config| config.mode(Mode::Off))
        .start()
        .await;
    let request = Request::get("/headers")
        .header("x-cheq-rti-result", "version=1;is-invalid=false")
        .header(TEST_HEADER, "guess");
    let response = site.send(&request).await;
    assert_eq!(response.status, 200);
    assert!(
        !response.text().contains("is-invalid"),
        "{}",
        response.text()
    );
    assert!(!response.text().contains("guess"), "{}", response.text());
    assert_eq!(site.calls(), 0);
}

async fn a_reload_takes_effect_and_no_request_fails(stage: Stage) {
    let site = stage.answer(Verdict::threat(BOT)).start().await;
    let mut connection = site.connect().await;
    for round in 0..40 {
        let blocking = round % 2 == 0;
        site.reload(|config| {
            let mode = if blocking {
                Mode::Blocking
            } else {
                Mode::Monitoring
            };
            config.mode(mode)
        });
        let response = connection.send(&Request::get("/")).await;
        let expected = if blocking { 403 } else { 200 };
        assert_eq!(response.status, expected, "{round}");
    }
}
