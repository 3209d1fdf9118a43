//! What a middleware outside RTI sees.

use std::sync::Mutex;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpMessage as _, HttpResponse, web};
use rti_actix::{Decision, Mode, RtiMiddleware};

use crate::harness::{BROKEN, SCRAPER, VALID, VPN, engine_with, get};

/// The decisions that a middleware outside RTI found on requests, after a request to `/`.
fn seen(mode: Mode, code: u32) -> Vec<Decision> {
    let (rti, _) = engine_with(code, |config| config.mode(mode));
    let seen: &Mutex<Vec<Decision>> = Box::leak(Box::default());
    let address = serve!(
        App::new()
            .route("/", web::get().to(|| async { "hello" }))
            .wrap(
                RtiMiddleware::new(rti.clone())
                    .on_challenge(|_, _| async { Some(HttpResponse::Forbidden().finish()) })
            )
            .wrap(from_fn(move |request, next| async move {
                let response = actix_web::middleware::Next::call(&next, request).await?;
                let extensions = response.request().extensions();
                let decision = extensions.get::<Decision>().cloned();
                drop(extensions);
                seen.lock().unwrap().extend(decision);
                Ok(response)
            }))
    );
    get(address, "/");
    seen.lock().unwrap().clone()
}

#[test]
fn a_middleware_outside_sees_the_final_decision() {
    for (mode, code, action, policy_action, reason) in [
        (Mode::Blocking, VALID, "allow", "allow", ""),
        (Mode::Blocking, SCRAPER, "block", "block", ""),
        (Mode::Blocking, VPN, "challenge", "challenge", ""),
        (Mode::Monitoring, SCRAPER, "allow", "block", ""),
        (Mode::Blocking, BROKEN, "allow", "allow", "malformed"),
    ] {
        let seen = seen(mode, code);
        let [decision] = &seen[..] else {
            panic!("{code}: {seen:?}");
        };
        assert_eq!(decision.action().as_str(), action, "{code}");
        assert_eq!(decision.policy_action().as_str(), policy_action, "{code}");
        assert_eq!(decision.reason().unwrap_or_default(), reason, "{code}");
    }
}
