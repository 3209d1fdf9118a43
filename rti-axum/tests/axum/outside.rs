//! What a layer outside RTI sees.

use std::sync::Mutex;

use axum::Router;
use axum::response::Response;
use axum::routing::get as route;
use rti_axum::{Decision, Mode, RtiLayer};
use tower::ServiceBuilder;

use crate::harness::{BROKEN, SCRAPER, VALID, VPN, engine_in, get, serve};

/// The decisions that a layer outside RTI found on responses, after a request to `/`.
fn seen(mode: Mode, code: u32) -> Vec<Decision> {
    let (rti, _) = engine_in(mode, code);
    let seen: &Mutex<Vec<Decision>> = Box::leak(Box::default());
    let note = move |response: Response| {
        let decision = response.extensions().get::<Decision>().cloned();
        seen.lock().unwrap().extend(decision);
        response
    };
    let rti = RtiLayer::new(rti).on_challenge(|_, _| async { Some("captcha") });
    let layers = ServiceBuilder::new().map_response(note).layer(rti);
    let app = Router::new().route("/", route(|| async { "hello" }));
    get(serve(app.layer(layers)), "/");
    seen.lock().unwrap().clone()
}

#[test]
fn a_layer_outside_sees_the_final_decision() {
    for (mode, code, action, policy_action, rule, reason) in [
        (Mode::Blocking, VALID, "allow", "allow", "", ""),
        (
            Mode::Blocking,
            SCRAPER,
            "block",
            "block",
            "invalid_block_redirect_codes: 2",
            "",
        ),
        (
            Mode::Blocking,
            VPN,
            "challenge",
            "challenge",
            "invalid_captcha_codes: 14",
            "",
        ),
        (
            Mode::Monitoring,
            SCRAPER,
            "allow",
            "block",
            "invalid_block_redirect_codes: 2",
            "",
        ),
        (Mode::Blocking, BROKEN, "allow", "allow", "", "malformed"),
    ] {
        let seen = seen(mode, code);
        let [decision] = &seen[..] else {
            panic!("{code}: {seen:?}");
        };
        assert_eq!(decision.action().as_str(), action, "{code}");
        assert_eq!(decision.policy_action().as_str(), policy_action, "{code}");
        let found = decision.rule().map(|rule| rule.to_string());
        assert_eq!(found.unwrap_or_default(), rule, "{code}");
        assert_eq!(decision.reason().unwrap_or_default(), reason, "{code}");
        assert_eq!((decision.method(), decision.path()), ("GET", "/"));
        assert_eq!(decision.client_ip().unwrap().to_string(), "127.0.0.1");
    }
}
