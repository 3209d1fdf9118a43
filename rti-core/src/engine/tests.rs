//! The seams: observers, the policy, and a configuration that changes while a request is under way.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::{
    Action, ApiRequest, ApiResponse, ChallengeEventKind, CircuitState, Enforcement, EventType,
    HttpVersion, Mode, Observer, PolicyInput, ThreatType,
};

struct Visit(&'static str);

impl RtiRequest for Visit {
    fn method(&self) -> &'static str {
        "GET"
    }

    fn target(&self) -> Cow<'_, str> {
        self.0.into()
    }

    fn for_each_header(&self, _: &mut dyn FnMut(&str, &[u8])) {}

    fn http_version(&self) -> HttpVersion {
        HttpVersion::Http11
    }

    fn peer_ip(&self) -> Option<std::net::IpAddr> {
        Some([192, 0, 2, 1].into())
    }
}

/// Answers each call with this status and an invalid visitor of code 3.
struct Status(u16);

#[crate::async_trait]
impl Transport for Status {
    async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
        let body = r#"{"isInvalid":true,"threatTypeCode":3}"#;
        Ok(ApiResponse::new(self.0, body))
    }
}

fn config(mode: Mode) -> Config {
    let config = Config::builder("key", "hash", "http://127.0.0.1:9").mode(mode);
    let config = config.uri_exclusion(["/health"]);
    config.build().unwrap()
}

async fn decided(rti: &Rti, path: &'static str) -> Decision {
    rti.decide(rti.inspect(&Visit(path))).await
}

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Log {
    fn decided(&self, decision: &Decision) {
        assert!(decision.times().total >= decision.elapsed());
        let line = format!(
            "{} {} {:?} {:?} {} {} {:?} {:?} {:?} {}",
            decision.method(),
            decision.path(),
            decision.client_ip().map(|ip| ip.to_string()),
            decision.event_type().map(EventType::as_str),
            decision.policy_action(),
            decision.action(),
            decision.outcome().as_str(),
            decision.rule().map(|rule| rule.to_string()),
            decision.threat_type().map(ThreatType::code),
            decision.middleware(),
        );
        self.0.lock().unwrap().push(line);
    }

    fn challenge(&self, event: &ChallengeEvent) {
        let threat_type = event.threat_type.map(ThreatType::as_str);
        let line = format!("{} {threat_type:?}", event.kind);
        self.0.lock().unwrap().push(line);
    }

    fn circuit_changed(&self, state: CircuitState) {
        self.0.lock().unwrap().push(format!("{state:?}"));
    }
}

struct Panicking;

impl Observer for Panicking {
    fn decided(&self, _: &Decision) {
        panic!("an observer");
    }

    fn challenge(&self, _: &ChallengeEvent) {
        panic!("an observer");
    }
}

#[tokio::test]
async fn every_observer_receives_every_decision_also_after_a_panic() {
    let (first, last) = (Arc::new(Log::default()), Arc::new(Log::default()));
    let rti = Rti::builder(config(Mode::Blocking))
        .observer(Arc::clone(&first))
        .observer(Panicking)
        .observer(Arc::clone(&last))
        .build_with_transport(Status(200))
        .with_middleware_name("test_1");
    assert_eq!(decided(&rti, "/a?b=c").await.action(), Action::Block);
    decided(&rti, "/health").await;
    let expected = [
        r#"GET /a Some("192.0.2.1") Some("page_load") block block "evaluated" Some("invalid_block_redirect_codes: 3") Some(3) test_1"#,
        r#"GET /health Some("192.0.2.1") None allow allow "skipped" Some("excluded by /health") None test_1"#,
    ];
    assert_eq!(first.lines(), expected);
    assert_eq!(last.lines(), expected);
}

#[tokio::test(start_paused = true)]
async fn observers_receive_changes_of_the_circuit() {
    let log = Arc::new(Log::default());
    let rti = Rti::builder(config(Mode::Blocking))
        .observer(Arc::clone(&log))
        .build_with_transport(Status(500));
    for _ in 0..5 {
        decided(&rti, "/").await;
        tokio::time::advance(Duration::from_millis(200)).await;
    }
    let opened = |line: &String| line == "Open";
    assert_eq!(log.lines().iter().filter(|line| opened(line)).count(), 1);
}

#[tokio::test]
async fn a_policy_replaces_the_lists_and_shows_what_it_would_do() {
    let policy = |input: &PolicyInput<'_>| {
        assert_eq!(input.configured, Enforcement::block());
        assert_eq!((input.method, input.path), ("GET", "/"));
        Enforcement::redirect()
    };
    let rti = |mode| {
        let rti = Rti::builder(config(mode)).policy(policy);
        rti.build_with_transport(Status(200))
    };
    let decision = decided(&rti(Mode::Blocking), "/").await;
    assert_eq!(decision.action(), Action::Redirect);
    assert!(decision.enforced());
    // There is no redirect URL.
    assert_eq!(decision.reply().map(crate::Reply::status), Some(403));
    let decision = decided(&rti(Mode::Monitoring), "/").await;
    assert_eq!(decision.action(), Action::Allow);
    assert_eq!(decision.policy_action(), Action::Redirect);
    assert_eq!(decision.rule(), Some(crate::Rule::Custom));
    assert!(!decision.enforced());
    assert_eq!(decision.reply(), None);
}

#[tokio::test]
async fn every_observer_receives_what_happens_to_challenges_also_after_a_panic() {
    let (first, last) = (Arc::new(Log::default()), Arc::new(Log::default()));
    let rti = Rti::builder(config(Mode::Blocking))
        .observer(Arc::clone(&first))
        .observer(Panicking)
        .observer(Arc::clone(&last))
        .build_with_transport(Status(200));
    let vpn = Some(ThreatType::Vpn);
    rti.observe_challenge(&ChallengeEvent::new(ChallengeEventKind::Issued, vpn));
    rti.observe_challenge(&ChallengeEvent::new(ChallengeEventKind::Failed, None));
    let expected = [r#"issued Some("VPN")"#, "failed None"];
    assert_eq!(first.lines(), expected);
    assert_eq!(last.lines(), expected);
}

#[tokio::test]
async fn a_challenge_ends_in_one_final_decision() {
    let log = Arc::new(Log::default());
    let policy = |_: &PolicyInput<'_>| Enforcement::challenge();
    let rti = Rti::builder(config(Mode::Blocking))
        .policy(policy)
        .observer(Arc::clone(&log))
        .build_with_transport(Status(200));
    for (result, action) in [
        (ChallengeResult::Answered, Action::Challenge),
        (ChallengeResult::Passed, Action::Allow),
        (ChallengeResult::NoCallback, Action::Allow),
        (ChallengeResult::Panicked, Action::Allow),
    ] {
        let decision = decided(&rti, "/").await;
        assert!(decision.wants_challenge());
        assert_eq!(log.lines(), [""; 0], "{result}");
        let decision = rti.conclude_challenge(&decision, result);
        assert_eq!(decision.action(), action, "{result}");
        assert_eq!(decision.challenge_result(), Some(result));
        let passed = result == ChallengeResult::Passed;
        assert_eq!(decision.challenge_passed(), passed);
        let json = serde_json::to_value(&decision).unwrap();
        assert_eq!(json["challenge_passed"], passed);
        assert!(!decision.wants_challenge());
        assert_eq!(decision.path(), "/");
        let failed_open = decision.reason().as_deref() == Some("internal");
        assert_eq!(failed_open, result == ChallengeResult::Panicked);
        assert_eq!(log.lines().len(), 1, "{result}");
    }
}

#[tokio::test]
async fn an_exchange_is_kept_where_an_observer_wants_it_and_without_the_key() {
    struct Reader(Mutex<Option<Decision>>);
    impl Observer for Reader {
        fn decided(&self, decision: &Decision) {
            *self.0.lock().unwrap() = Some(decision.clone());
        }

        fn wants_exchange(&self) -> bool {
            true
        }
    }
    let reader = Arc::new(Reader(Mutex::default()));
    let config = Config::builder("secret-7", "hash", "us").build().unwrap();
    let rti = Rti::builder(config).observer(Arc::clone(&reader));
    decided(&rti.build_with_transport(Status(200)), "/").await;
    let decision = reader.0.lock().unwrap().take().unwrap();
    let exchange = decision.exchange().unwrap();
    assert!(
        exchange.sent().contains("[redacted]"),
        "{}",
        exchange.sent()
    );
    assert!(!exchange.sent().contains("secret-7"));
    assert!(exchange.received().unwrap().contains("threatTypeCode"));
    assert!(!format!("{decision:?} {exchange:?}").contains("secret-7"));

    let without = Rti::with_transport(self::config(Mode::Blocking), Status(200));
    assert!(decided(&without, "/").await.exchange().is_none());
}

#[tokio::test]
async fn a_policy_that_panics_lets_the_request_continue() {
    let policy = |_: &PolicyInput<'_>| panic!("a policy");
    let rti = Rti::builder(config(Mode::Blocking)).policy(policy);
    let decision = decided(&rti.build_with_transport(Status(200)), "/").await;
    assert_eq!(decision.action(), Action::Allow);
    let internal = Outcome::FailedOpen(FailOpenReason::Internal);
    assert_eq!(*decision.outcome(), internal);
}

#[tokio::test]
async fn a_request_is_decided_by_the_configuration_it_began_with() {
    let rti = Rti::with_transport(config(Mode::Blocking), Status(200));
    let before = rti.inspect(&Visit("/"));
    rti.reload(config(Mode::Monitoring)).unwrap();
    assert_eq!(rti.config().mode(), Mode::Monitoring);
    let after = rti.inspect(&Visit("/"));
    assert_eq!(rti.decide(after).await.action(), Action::Allow);
    assert_eq!(rti.decide(before).await.action(), Action::Block);
}

#[tokio::test]
async fn a_visitor_is_as_the_configuration_says() {
    struct Forwarded(&'static [(&'static str, &'static str)]);
    impl RtiRequest for Forwarded {
        fn method(&self) -> &'static str {
            "GET"
        }

        fn target(&self) -> Cow<'_, str> {
            "/".into()
        }

        fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
            for (name, value) in self.0 {
                visit(name, value.as_bytes());
            }
        }

        fn http_version(&self) -> HttpVersion {
            HttpVersion::Http11
        }

        fn peer_ip(&self) -> Option<std::net::IpAddr> {
            Some([192, 0, 2, 1].into())
        }
    }
    const HEADERS: &[(&str, &str)] = &[
        ("host", "inner.example:8080"),
        ("x-forwarded-for", "198.51.100.7"),
        ("x-forwarded-proto", "https"),
        ("x-site", "shop.example"),
    ];
    let found = |config: crate::ConfigBuilder| {
        let rti = Rti::with_transport(config.build().unwrap(), Status(200));
        let visitor = rti.visitor(&Forwarded(HEADERS));
        let client_ip = visitor.client_ip().map(|ip| ip.to_string());
        let host = visitor.host().map(str::to_owned);
        (client_ip.unwrap(), host.unwrap(), visitor.scheme())
    };
    let config = || Config::builder("key", "hash", "us");
    let direct = (
        "192.0.2.1".to_owned(),
        "inner.example:8080".to_owned(),
        "http",
    );
    assert_eq!(found(config()), direct);
    let elsewhere = config().trusted_proxies(["10.0.0.0/8"]);
    assert_eq!(found(elsewhere.trusted_host_header("x-site")), direct);
    let behind = config().trusted_proxies(["192.0.2.1"]);
    let expected = (
        "198.51.100.7".to_owned(),
        "shop.example".to_owned(),
        "https",
    );
    assert_eq!(found(behind.trusted_host_header("x-site")), expected);
}

#[tokio::test]
async fn a_view_that_panics_has_an_unknown_visitor() {
    struct Broken;
    impl RtiRequest for Broken {
        fn method(&self) -> &'static str {
            "GET"
        }

        fn target(&self) -> Cow<'_, str> {
            "/".into()
        }

        fn for_each_header(&self, _: &mut dyn FnMut(&str, &[u8])) {
            panic!("a view")
        }

        fn http_version(&self) -> HttpVersion {
            HttpVersion::Http11
        }
    }
    let rti = Rti::with_transport(config(Mode::Blocking), Status(200));
    let visitor = rti.visitor(&Broken);
    assert_eq!((visitor.client_ip(), visitor.host()), (None, None));
}
