//! Test requests.

use rti_core::{Action, Mode, OnFailure, PolicyOptions, TEST_HEADER, ThreatType};

use crate::site::{Service, Visit, builder, decide, engine};

const SECRET: &str = "a-secret-of-sixteen-and-more";

#[tokio::test]
async fn with_the_secret_a_policy_acts_on_everybody_and_is_explained() {
    let off = PolicyOptions::new().mode(Mode::Off);
    let config =
        builder()
            .test_secret(SECRET)
            .enforce_percent(0.0)
            .policy("assets", ["re:^/static/"], off);
    let rti = engine(config, Service::Threat(ThreatType::Vpn));
    for (target, policy) in [("/", "default"), ("/static/a", "assets")] {
        let visit = Visit::to(target).with(TEST_HEADER, SECRET);
        let decision = decide(&rti, &visit).await;
        assert_eq!(decision.action(), Action::Challenge, "{target}");
        let explanation = decision.explanation().unwrap();
        let expected = format!(
            "policy={policy}; outcome=evaluated; action=challenge; policy_action=challenge; \
             threat_type=14; rule=\"invalid_captcha_codes: 14\"; total_ms="
        );
        assert!(explanation.starts_with(&expected), "{explanation}");
    }
}

#[tokio::test]
async fn without_the_right_secret_nothing_is_different() {
    let config = || builder().on_failure(OnFailure::Closed);
    let with_secret = engine(config().test_secret(SECRET), Service::Valid);
    let without = engine(config(), Service::Valid);
    for (rti, given) in [
        (&with_secret, "a-secret-of-sixteen-and-m"),
        (&with_secret, ""),
        (&with_secret, "A-SECRET-OF-SIXTEEN-AND-MORE"),
        (&without, SECRET),
        (&without, ""),
    ] {
        let decision = decide(rti, &Visit::to("/").with(TEST_HEADER, given)).await;
        assert_eq!(decision.explanation(), None, "{given}");
    }
}

#[test]
fn the_secret_is_shown_nowhere_and_its_header_is_not_sent() {
    let rti = engine(builder().test_secret(SECRET), Service::Valid);
    let visit = Visit::to("/")
        .with("X-Rti-Test", SECRET)
        .with("accept", "*/*");
    let inspection = rti.inspect(&visit);
    assert_eq!(
        inspection.payload().unwrap().header_names(),
        "Accept,User-Agent"
    );
    assert!(!format!("{rti:?} {inspection:?} {:?}", rti.config()).contains(SECRET));
    // Also in the place of another option.
    let misplaced = builder().test_secret(SECRET).redirect_url(SECRET);
    let error = misplaced.build().unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
    let error = builder().test_secret("too-short").build().unwrap_err();
    assert!(error.to_string().contains("test_secret"), "{error}");
    assert!(!error.to_string().contains("too-short"), "{error}");
}
