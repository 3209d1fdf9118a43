//! `x-cheq-rti-result`: an application behind trusts it, so no client may set it.

use crate::client::Request;
use crate::{Capability, Challenge, Site, Stage};
use rti_core::{ApiVersion, ResultHeader};
use rti_simulator::{Fault, Verdict};

crate::suite::cases![
    a_clients_result_header_is_removed_when_allowed,
    a_clients_result_header_is_removed_when_skipped,
    a_clients_result_header_is_removed_when_failing_open,
    a_clients_result_header_is_removed_when_a_challenge_lets_go,
    a_clients_result_header_is_removed_when_a_challenge_panics: needs ChallengePanics,
    the_application_behind_is_told_the_verdict_where_that_is_on,
    the_application_behind_is_told_the_reasons_for_debugging,
    the_application_behind_is_told_nothing_without_a_verdict,
    the_application_behind_is_told_nothing_when_a_challenge_panics,
    other_headers_reach_the_handler_untouched,
];

/// The headers that the handler sees of a request with a result of the client's own making.
async fn seen(site: &Site) -> Vec<(String, String)> {
    let request = Request::get("/headers")
        .header("X-Before", "1")
        .header("x-cheq-rti-result", "version=1;is-invalid=false")
        .header("X-Cheq-RTI-Result", "version=1;is-invalid=false")
        .header("X-After", "2");
    let response = site.send(&request).await;
    assert_eq!(response.status, 200, "{response:?}");
    serde_json::from_value(response.json()).unwrap()
}

async fn assert_removed(stage: Stage) -> Site {
    let removed = stage.can(Capability::RemovesHeaders);
    let site = stage.start().await;
    let mut results = seen(&site).await;
    results.retain(|(name, _)| name.eq_ignore_ascii_case("x-cheq-rti-result"));
    if removed {
        assert!(results.is_empty(), "{results:?}");
    } else {
        assert!(
            results.iter().all(|(_, value)| value.is_empty()),
            "{results:?}"
        );
    }
    site
}

async fn a_clients_result_header_is_removed_when_allowed(stage: Stage) {
    assert_removed(stage).await;
}

async fn a_clients_result_header_is_removed_when_skipped(stage: Stage) {
    let stage = stage.configure(|config| config.uri_exclusion(["/headers"]));
    let site = assert_removed(stage).await;
    assert_eq!(site.calls(), 0);
}

async fn a_clients_result_header_is_removed_when_failing_open(stage: Stage) {
    assert_removed(stage.answer(Fault::status(503))).await;
}

async fn a_clients_result_header_is_removed_when_a_challenge_lets_go(stage: Stage) {
    let stage = stage.blocking().answer(Verdict::threat(14));
    assert_removed(stage.challenge(Challenge::Continue)).await;
}

async fn a_clients_result_header_is_removed_when_a_challenge_panics(stage: Stage) {
    let stage = stage.blocking().answer(Verdict::threat(14));
    assert_removed(stage.challenge(Challenge::Panic)).await;
}

async fn results(site: &Site) -> Vec<String> {
    let seen = seen(site).await.into_iter();
    let results = seen.filter(|(name, _)| name.eq_ignore_ascii_case("x-cheq-rti-result"));
    results.map(|(_, value)| value).collect()
}

async fn the_application_behind_is_told_the_verdict_where_that_is_on(stage: Stage) {
    let expected = match stage.protocol() {
        ApiVersion::V1 => "version=1;is-invalid=false;threat-type-code=0;request-id=r-1",
        _ => {
            "version=4.1;verdict=benign;threat-type-code=0;\
                ids={\"customParam1\":\"page_load\",\"rayId\":\"r-1\"}"
        }
    };
    let site = stage
        .configure(|config| config.result_header(ResultHeader::On))
        .answer(Verdict::valid().request_id("r-1"))
        .start()
        .await;
    assert_eq!(
        results(&site).await,
        [expected],
        "and not what the client says"
    );
}

async fn the_application_behind_is_told_the_reasons_for_debugging(stage: Stage) {
    let (answer, expected) = match stage.protocol() {
        ApiVersion::V1 => (
            r#"{"isInvalid":true,"threatTypeCode":3,"requestId":"r-1"}"#,
            "version=1;is-invalid=true;threat-type-code=3;request-id=r-1",
        ),
        _ => (
            r#"{"decision":{"verdict":"malicious","ruleName":"no; bots"},"classification":{"code":3},
                "ids":{"rayId":"r-1"},"cheqDetection":{"reasons":[-7,12]}}"#,
            "version=4.1;verdict=malicious;threat-type-code=3;ids={\"rayId\":\"r-1\"};\
                reasons=-7,12;rule-name=no, bots",
        ),
    };
    let site = stage
        .configure(|config| config.result_header(ResultHeader::Debug))
        .answer(Fault::body(answer))
        .start()
        .await;
    assert_eq!(results(&site).await, [expected]);
}

async fn the_application_behind_is_told_nothing_without_a_verdict(stage: Stage) {
    let removed = stage.can(Capability::RemovesHeaders);
    let site = stage
        .configure(|config| config.result_header(ResultHeader::On))
        .answer(Fault::status(503))
        .start()
        .await;
    let expected: &[&str] = if removed { &[] } else { &[""] };
    assert_eq!(results(&site).await, expected);
}

/// The decision says that it failed open, and the header must not say otherwise.
async fn the_application_behind_is_told_nothing_when_a_challenge_panics(stage: Stage) {
    let site = stage
        .blocking()
        .configure(|config| config.result_header(ResultHeader::On))
        .answer(Verdict::threat(14))
        .challenge(Challenge::Panic)
        .start()
        .await;
    let told = results(&site).await;
    assert!(told.iter().all(String::is_empty), "{told:?}");
}

async fn other_headers_reach_the_handler_untouched(stage: Stage) {
    let seen = seen(&stage.start().await).await;
    for expected in [
        ("x-before", "1"),
        ("x-after", "2"),
        ("host", "shop.example"),
    ] {
        let value = seen
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(expected.0))
            .map(|(_, value)| value.as_str());
        assert_eq!(value, Some(expected.1));
    }
}
