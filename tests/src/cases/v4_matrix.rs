//! What protocol 4.1 leads to: the action matrix, and how an action shows (wire-protocol, section 4).

use crate::client::{Request, Response};
use crate::{Challenge, Site, Stage};
use rti_core::{ConfigBuilder, Strategy};
use rti_simulator::{Fault, Verdict};

crate::suite::cases![
    words_decide: speaks V4_1,
    lists_add_to_the_words: speaks V4_1,
    block_comes_before_challenge_and_redirect: speaks V4_1,
    monitoring_acts_on_nothing: speaks V4_1,
    strategies_say_how_an_action_shows: speaks V4_1,
    a_blocked_visitor_who_is_challenged_instead: speaks V4_1,
    not_found_gives_nothing_away: speaks V4_1,
    not_found_has_a_page_for_navigations_alone: speaks V4_1,
    answers_lack_what_they_can_do_without: speaks V4_1,
    answers_lack_what_they_cannot_do_without: speaks V4_1,
];

/// Served, blocked, challenged, redirected.
const SERVED: u16 = 200;
const BLOCKED: u16 = 403;
const CHALLENGED: u16 = 401;
const REDIRECTED: u16 = 302;

fn says(word: &str, code: u32, reasons: &[i64]) -> Verdict {
    let verdict = Verdict::threat(code).decision(word);
    verdict.reasons(reasons.iter().copied())
}

async fn status(site: &Site, verdict: Verdict) -> u16 {
    site.answer(verdict);
    site.get("/").await.status
}

async fn words_decide(stage: Stage) {
    let site = stage.blocking().challenge(Challenge::Answer).start().await;
    for (word, expected) in [
        ("benign", SERVED),
        ("suspicious", CHALLENGED),
        ("malicious", BLOCKED),
        ("unheard of", SERVED),
    ] {
        // The code says nothing by itself.
        for code in [0, 3, 14] {
            assert_eq!(
                status(&site, says(word, code, &[])).await,
                expected,
                "{word}"
            );
        }
    }
}

fn lists() -> ConfigBuilder {
    ConfigBuilder::from_vars([
        ("RTI_BLOCK_CODES", "3"),
        ("RTI_CHALLENGE_CODES", "3, 14"),
        ("RTI_REDIRECT_CODES", "3, 14, 20"),
        ("RTI_BLOCK_REASONS", "-7"),
        ("RTI_CHALLENGE_REASONS", "8"),
        ("RTI_REDIRECT_REASONS", "9"),
        ("RTI_REDIRECT_URL", "/about"),
    ])
}

async fn with_lists(stage: Stage) -> Site {
    let stage = stage.configure_from(lists()).challenge(Challenge::Answer);
    stage.blocking().start().await
}

async fn lists_add_to_the_words(stage: Stage) {
    let site = with_lists(stage).await;
    for (word, code, reasons, expected) in [
        ("benign", 0, &[][..], SERVED),
        ("benign", 3, &[], BLOCKED),
        ("benign", 14, &[], CHALLENGED),
        ("benign", 20, &[], REDIRECTED),
        ("benign", 0, &[1, -7], BLOCKED),
        ("benign", 0, &[8], CHALLENGED),
        ("benign", 0, &[9], REDIRECTED),
        ("benign", 0, &[7], SERVED),
        ("malicious", 20, &[9], BLOCKED),
        ("suspicious", 20, &[9], CHALLENGED),
        ("unheard of", 3, &[], BLOCKED),
    ] {
        let status = status(&site, says(word, code, reasons)).await;
        assert_eq!(status, expected, "{word} {code} {reasons:?}");
    }
}

async fn block_comes_before_challenge_and_redirect(stage: Stage) {
    let site = with_lists(stage).await;
    assert_eq!(
        status(&site, says("suspicious", 20, &[9, -7])).await,
        BLOCKED
    );
    assert_eq!(status(&site, says("benign", 20, &[9, 8])).await, CHALLENGED);
}

async fn monitoring_acts_on_nothing(stage: Stage) {
    let stage = stage.configure_from(lists()).challenge(Challenge::Answer);
    let site = stage.start().await;
    for verdict in [
        says("malicious", 3, &[-7]),
        says("suspicious", 14, &[8]),
        says("benign", 20, &[9]),
    ] {
        assert_eq!(status(&site, verdict).await, SERVED);
    }
}

async fn strategies_say_how_an_action_shows(stage: Stage) {
    for (strategy, expected) in [
        (Strategy::AccessDenied, BLOCKED),
        (Strategy::NotFound, 404),
        (Strategy::Redirect, REDIRECTED),
        (Strategy::Captcha, CHALLENGED),
    ] {
        for word in ["malicious", "suspicious"] {
            let stage = stage.again().blocking().configure(move |config| {
                let config = config.redirect_url("/about");
                if word == "malicious" {
                    config.blocking_strategy(strategy)
                } else {
                    config.challenging_strategy(strategy)
                }
            });
            let site = stage.challenge(Challenge::Answer).start().await;
            let status = status(&site, says(word, 3, &[])).await;
            assert_eq!(status, expected, "{word} {strategy:?}");
        }
    }
}

/// A callback has the last word; without one a blocked visitor stays blocked.
async fn a_blocked_visitor_who_is_challenged_instead(stage: Stage) {
    for (challenge, expected) in [
        (Challenge::None, BLOCKED),
        (Challenge::Continue, 200),
        (Challenge::Panic, 200),
        (Challenge::Answer, CHALLENGED),
    ] {
        let stage = stage.again().blocking().challenge(challenge);
        let strategy = Strategy::Captcha;
        let stage = stage.configure(move |config| config.blocking_strategy(strategy));
        let site = stage.start().await;
        let status = status(&site, says("malicious", 3, &[])).await;
        assert_eq!(status, expected, "{challenge:?}");
    }
}

async fn not_found_gives_nothing_away(stage: Stage) {
    let stage = stage.configure(|config| config.blocking_strategy(Strategy::NotFound));
    let site = stage.blocking().start().await;
    let own = site.get("/nowhere").await;
    site.answer(says("malicious", 3, &[]).request_id("r-4711"));
    let blocked = site.get("/").await;
    assert_eq!(blocked.status, 404);
    if own.body.is_empty() {
        // A browser would show an error page of its own.
        assert!(
            blocked.text().contains("<h1>404 Not Found</h1>"),
            "{blocked:?}"
        );
        let content_type = blocked.header("Content-Type");
        assert_eq!(content_type, Some("text/html; charset=utf-8"));
        let mut names = names(&blocked);
        names.retain(|name| name != "content-type");
        assert_eq!(names, self::names(&own));
    } else {
        assert_eq!(blocked.text(), own.text());
        assert_eq!(names(&blocked), names(&own));
    }
    assert!(!blocked.text().contains("r-4711"), "{blocked:?}");
    // It is what blocked visitors see of every path.
    assert_eq!(site.get("/nowhere").await.body, blocked.body);
}

async fn not_found_has_a_page_for_navigations_alone(stage: Stage) {
    let stage = stage.configure(|config| config.blocking_strategy(Strategy::NotFound));
    let site = stage.blocking().start().await;
    let image = |target: &str| Request::get(target).header("Sec-Fetch-Dest", "image");
    let own = site.send(&image("/nowhere")).await;
    site.answer(says("malicious", 3, &[]));
    let blocked = site.send(&image("/")).await;
    assert_eq!((blocked.status, &blocked.body), (404, &own.body));
    assert_eq!(names(&blocked), names(&own));
}

/// The names of a response's headers.
fn names(of: &Response) -> Vec<String> {
    let names = of.headers.iter().map(|(name, _)| name.to_lowercase());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

async fn answers_lack_what_they_can_do_without(stage: Stage) {
    let site = stage.start().await;
    for rest in [
        "",
        r#","metadata":null,"device":null,"network":7,"fingerprints":[],"cheqDetection":{}"#,
        r#","cheqDetection":{"reasons":null}"#,
        r#","unheardOf":{"a":[1]}"#,
    ] {
        let answer = format!(
            r#"{{"decision":{{"verdict":"malicious"}},"classification":{{"code":3}},"ids":{{"rayId":"r-1"}}{rest}}}"#
        );
        site.answer(Fault::body(answer));
        let decision = site.decision().await;
        assert_eq!(decision["outcome"], "evaluated", "{rest}");
        assert_eq!(decision["threat_type_code"], 3, "{rest}");
        assert_eq!(decision["request_id"], "r-1", "{rest}");
    }
}

async fn answers_lack_what_they_cannot_do_without(stage: Stage) {
    let site = stage.blocking().start().await;
    for answer in [
        "",
        "[]",
        r#"{"classification":{"code":3},"ids":{"rayId":"r-1"}}"#,
        r#"{"decision":{"verdict":"malicious"},"ids":{"rayId":"r-1"}}"#,
        r#"{"decision":{"verdict":7},"classification":{"code":3},"ids":{"rayId":"r-1"}}"#,
        r#"{"decision":{"verdict":"malicious"},"classification":{"code":"3"},"ids":{"rayId":"r-1"}}"#,
        r#"{"decision":{"verdict":"malicious"},"classification":{"code":3}}"#,
    ] {
        site.answer(Fault::body(answer));
        assert_eq!(site.decision().await["reason"], "malformed", "{answer}");
    }
}
