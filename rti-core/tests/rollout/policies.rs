//! Policies of parts of a site.

use rti_core::{
    Action, ApiVersion, ConfigBuilder, EventType, Mode, OnFailure, Outcome, PolicyOptions,
    SkipReason, ThreatType,
};

use crate::site::{Service, Visit, builder, decide, engine, seen};

const BOT: Service = Service::Threat(ThreatType::AutomationTools);
const VPN: Service = Service::Threat(ThreatType::Vpn);

fn shop() -> ConfigBuilder {
    let options = PolicyOptions::new;
    builder()
        .policy("checkout", ["/checkout"], options().mode(Mode::Blocking))
        .policy("assets", ["re:^/static/"], options().mode(Mode::Off))
        .policy(
            "login",
            ["/login"],
            options()
                .mode(Mode::Blocking)
                .on_failure(OnFailure::Closed)
                .event_type("registration"),
        )
}

#[tokio::test]
async fn each_part_of_a_site_has_its_policy() {
    let rti = engine(shop(), BOT);
    assert_eq!(seen(&rti, "/").await, "default allow block");
    assert_eq!(seen(&rti, "/checkout").await, "checkout block block");
    let decision = decide(&rti, &Visit::to("/static/a.css")).await;
    let off = SkipReason::PolicyOff("assets".into());
    assert_eq!(*decision.outcome(), Outcome::Skipped(off));
    let decision = decide(&rti, &Visit::to("/login")).await;
    assert_eq!(decision.event_type(), Some(&EventType::Registration));
    let decision = decide(&rti, &Visit::to("/other")).await;
    assert_eq!(decision.event_type(), Some(&EventType::PageLoad));
}

#[tokio::test]
async fn a_path_that_may_be_any_gets_the_strictest() {
    let rti = engine(shop(), BOT);
    for target in [
        "/%63heckout",
        "/static/../checkout",
        "/static/%2e%2e/checkout",
        "//static/a.css",
        "/CHECKOUT",
        "/checkout/",
    ] {
        let decision = decide(&rti, &Visit::to(target)).await;
        assert_eq!(decision.action(), Action::Block, "{target}");
    }
}

#[tokio::test]
async fn a_policy_inherits_what_it_does_not_set() {
    let own = PolicyOptions::new().invalid_captcha_codes([3]);
    let own = own.invalid_block_redirect_codes([14]).redirect_url("none");
    let config = builder()
        .mode(Mode::Blocking)
        .redirect_url("/sorry")
        .policy("same", ["/same"], PolicyOptions::new())
        .policy("own", ["/own"], own);
    let rti = engine(config, VPN);
    assert_eq!(seen(&rti, "/").await, "default challenge challenge");
    assert_eq!(seen(&rti, "/same").await, "same challenge challenge");
    // Nowhere to redirect to.
    assert_eq!(seen(&rti, "/own").await, "own block block");
}

#[tokio::test]
async fn a_closed_policy_lets_nobody_past_without_a_verdict() {
    let rti = engine(shop(), Service::Down);
    for target in ["/", "/checkout"] {
        let decision = decide(&rti, &Visit::to(target)).await;
        assert_eq!(decision.outcome().as_str(), "failed_open", "{target}");
        assert_eq!(decision.action(), Action::Allow, "{target}");
    }
    for target in ["/login", "/%6cogin", "/Login"] {
        let decision = decide(&rti, &Visit::to(target)).await;
        assert_eq!(decision.outcome().as_str(), "failed_closed", "{target}");
        let reply = decision.reply().unwrap();
        assert_eq!(reply.status(), 503);
        assert!(reply.headers().any(|(name, _)| name == "retry-after"));
        assert!(!decision.wants_block_page());
        assert_eq!(decision.rule().unwrap().to_string(), "on_failure: closed");
    }
}

#[tokio::test]
async fn in_monitoring_a_closed_policy_shows_what_it_would_do() {
    let closed = PolicyOptions::new().on_failure(OnFailure::Closed);
    let rti = engine(builder().policy("login", ["/login"], closed), Service::Down);
    let decision = decide(&rti, &Visit::to("/login")).await;
    assert_eq!(decision.outcome().as_str(), "failed_open");
    assert_eq!(decision.action(), Action::Allow);
    assert_eq!(decision.policy_action(), Action::Block);
}

#[tokio::test]
async fn a_share_of_visitors_is_blocked() {
    let blocked = async |percent| {
        let config = builder().mode(Mode::Blocking).enforce_percent(percent);
        let rti = engine(config, BOT);
        let mut blocked = Vec::new();
        for number in 0..10_000_u32 {
            let visit = Visit::to("/").from(number.to_be_bytes());
            let decision = decide(&rti, &visit).await;
            assert_eq!(decision.policy_action(), Action::Block);
            if decision.action() == Action::Block {
                blocked.push(number);
            }
        }
        blocked
    };
    let (five, twenty) = (blocked(5.0).await, blocked(20.0).await);
    assert!((300..=700).contains(&five.len()), "{}", five.len());
    assert!((1800..=2200).contains(&twenty.len()), "{}", twenty.len());
    assert!(five.iter().all(|visitor| twenty.contains(visitor)));
    assert_eq!(blocked(0.0).await.len(), 0);
    assert_eq!(blocked(100.0).await.len(), 10_000);
}

#[tokio::test]
async fn a_shadow_is_evaluated_and_never_applied() {
    let shadow = PolicyOptions::new().invalid_block_redirect_codes([14]);
    let shadow = shadow.invalid_captcha_codes([3]);
    let policy = PolicyOptions::new().shadow(shadow.clone());
    let config = builder().shadow(shadow).policy("own", ["/own"], policy);
    let rti = engine(config, VPN);
    for target in ["/", "/own"] {
        let decision = decide(&rti, &Visit::to(target)).await;
        assert_eq!(decision.action(), Action::Allow);
        assert_eq!(decision.policy_action(), Action::Challenge);
        assert_eq!(decision.shadow_action(), Some(Action::Block));
    }
    let rti = engine(builder(), VPN);
    assert_eq!(decide(&rti, &Visit::to("/")).await.shadow_action(), None);
}

#[tokio::test]
async fn off_for_all_is_off_for_each_policy() {
    let rti = engine(shop().mode(Mode::Off), BOT);
    for target in ["/", "/checkout", "/login", "/%63heckout"] {
        let decision = decide(&rti, &Visit::to(target)).await;
        assert_eq!(*decision.outcome(), Outcome::Skipped(SkipReason::Off));
    }
}

#[test]
fn faults_name_the_policy_and_the_option() {
    let text = r#"
        api_key = "key"
        tag_hash = "hash"
        api_endpoint = "us"

        [shadow]
        timeout = 5

        [[policy]]
        name = "a"
        path = ["about", "re:("]
        mode = "loud"
        enforce_percent = 101
        block_codes = [3]

        [[policy]]
        name = "a"
        path = []
        tag_hash = "x"
        timeout = 0
        [policy.shadow]
        invalid_captcha_codes = [3]

        [[policy]]
        name = "everywhere"
    "#;
    let error = toml::from_str::<rti_core::Config>(text)
        .unwrap_err()
        .to_string();
    for expected in [
        "shadow.timeout: there is no such option",
        r#"policy.a.path: "about": expected"#,
        r#"policy.a.path: "re:(": expected a regex"#,
        r#"policy.a.mode: "loud": expected `monitoring`"#,
        "policy.a.tag_hash: there is no such option",
        "policy.a.timeout: \"0\": expected milliseconds",
        "policy.everywhere.path: missing: expected a list of paths",
        "policy.a.name: \"a\": expected a name that no other policy has",
    ] {
        assert!(error.contains(expected), "{expected} is not in {error}");
    }
    let options = PolicyOptions::new().enforce_percent(101.0).block_codes([3]);
    let shadow = PolicyOptions::new().invalid_captcha_codes([3]);
    let config = builder().policy("b", ["/b"], options.shadow(shadow));
    let error = config.build().unwrap_err().to_string();
    for expected in [
        "policy.b.enforce_percent: \"101\": expected per cent",
        "policy.b.block_codes: \"v1\": belongs to",
        "policy.b.shadow.invalid_captcha_codes: \"3\": expected no code",
    ] {
        assert!(error.contains(expected), "{expected} is not in {error}");
    }
    // A list of the whole configuration may be inherited by the policy of another protocol's site.
    let v4 = builder().api_version(ApiVersion::V4_1).block_codes([3]);
    assert!(v4.policy("c", ["/c"], PolicyOptions::new()).build().is_ok());
}

/// Nothing of a shadow is applied: also not that the page of its redirects is not checked.
#[tokio::test]
async fn the_page_that_a_shadow_redirects_to_is_checked() {
    let shadow = PolicyOptions::new().redirect_url("/sorry");
    let rti = engine(builder().mode(Mode::Blocking).shadow(shadow), BOT);
    assert_eq!(seen(&rti, "/sorry").await, "default block block");
}

/// Where a request cannot be read, its visitor is not known: nobody can say that a small share has them.
#[tokio::test]
async fn a_visitor_who_is_not_known_is_in_no_share_but_that_of_everybody() {
    for (percent, outcome) in [(1.0, "failed_open"), (100.0, "failed_closed")] {
        let config = builder()
            .mode(Mode::Blocking)
            .on_failure(OnFailure::Closed)
            .enforce_percent(percent)
            .channel(|_| panic!("an extractor of the application's"));
        let decision = decide(&engine(config, BOT), &Visit::to("/")).await;
        assert_eq!(decision.outcome().as_str(), outcome, "{percent}");
    }
}
