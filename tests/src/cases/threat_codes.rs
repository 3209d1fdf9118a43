//! Which threat types do what: the defaults, and the two lists (wire-protocol, section 7).

use crate::client::Request;
use crate::{Challenge, Site, Stage};
use rti_core::{ConfigBuilder, ThreatCodes};
use rti_simulator::Verdict;

crate::suite::cases![
    each_threat_type_has_its_default_action: speaks V1,
    a_code_nobody_has_published_is_allowed: speaks V1,
    a_visitor_held_valid_is_served_whatever_the_code: speaks V1,
    listed_codes_take_the_place_of_the_defaults: speaks V1,
    an_empty_list_means_the_defaults: speaks V1,
    none_means_none: speaks V1,
    codes_come_from_variables_too: speaks V1,
];

const ALL: [u32; 21] = [
    0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 32,
];
const BLOCKED: [u32; 8] = [2, 3, 6, 7, 10, 11, 16, 18];
const CHALLENGED: [u32; 6] = [4, 5, 13, 14, 15, 17];

/// What visitors of each code get: 403, or 401 from the challenge, or 200.
async fn statuses(site: &Site, codes: impl IntoIterator<Item = u32>) -> Vec<(u32, u16)> {
    let mut statuses = Vec::new();
    let mut connection = site.connect().await;
    for code in codes {
        site.answer(Verdict::threat(code));
        let response = connection.send(&Request::get("/verdict")).await;
        if response.status == 200 {
            assert_eq!(response.json()["threat_type_code"], code);
        }
        statuses.push((code, response.status));
    }
    statuses
}

fn defaults() -> Vec<(u32, u16)> {
    ALL.iter()
        .map(|code| match code {
            code if BLOCKED.contains(code) => (*code, 403),
            code if CHALLENGED.contains(code) => (*code, 401),
            code => (*code, 200),
        })
        .collect()
}

async fn with_lists(
    stage: Stage,
    lists: impl FnOnce(ConfigBuilder) -> ConfigBuilder + Send + 'static,
) -> Site {
    let stage = stage.blocking().challenge(Challenge::Answer);
    stage.configure(lists).start().await
}

async fn each_threat_type_has_its_default_action(stage: Stage) {
    let site = with_lists(stage, |config| config).await;
    assert_eq!(statuses(&site, ALL).await, defaults());
}

async fn a_code_nobody_has_published_is_allowed(stage: Stage) {
    let site = with_lists(stage, |config| config).await;
    let unknown = [1, 12, 22, 99, 4_000_000_000];
    for (code, status) in statuses(&site, unknown).await {
        assert_eq!(status, 200, "{code}");
    }
}

async fn a_visitor_held_valid_is_served_whatever_the_code(stage: Stage) {
    let verdict = Verdict::threat(3).marked_valid();
    let site = stage.blocking().answer(verdict).start().await;
    assert_eq!(site.get("/").await.status, 200);
}

async fn listed_codes_take_the_place_of_the_defaults(stage: Stage) {
    let site = with_lists(stage, |config| {
        config
            .invalid_block_redirect_codes([8, 99])
            .invalid_captcha_codes([3])
    })
    .await;
    let expected = [(8, 403), (99, 403), (3, 401), (2, 200), (14, 200)];
    assert_eq!(
        statuses(&site, expected.map(|(code, _)| code)).await,
        expected
    );
}

async fn an_empty_list_means_the_defaults(stage: Stage) {
    let site = with_lists(stage, |config| {
        config
            .invalid_block_redirect_codes(Vec::new())
            .invalid_captcha_codes(Vec::new())
    })
    .await;
    assert_eq!(statuses(&site, ALL).await, defaults());
}

async fn none_means_none(stage: Stage) {
    let site = with_lists(stage, |config| {
        config
            .invalid_block_redirect_codes(ThreatCodes::none())
            .invalid_captcha_codes(ThreatCodes::none())
    })
    .await;
    for (code, status) in statuses(&site, ALL).await {
        assert_eq!(status, 200, "{code}");
    }
}

async fn codes_come_from_variables_too(stage: Stage) {
    let lists = ConfigBuilder::from_vars([
        ("RTI_MODE", "blocking"),
        ("RTI_INVALID_BLOCK_REDIRECT_CODES", "14, 2"),
        ("RTI_INVALID_CAPTCHA_CODES", "none"),
    ]);
    let site = stage
        .challenge(Challenge::Answer)
        .configure_from(lists)
        .start()
        .await;
    let expected = [(14, 403), (2, 403), (3, 200), (4, 200)];
    assert_eq!(
        statuses(&site, expected.map(|(code, _)| code)).await,
        expected
    );
}
