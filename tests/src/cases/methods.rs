//! Methods and routes of every kind: each is checked, and otherwise as without RTI.

use crate::client::Request;
use crate::{Capability, Stage};
use rti_simulator::Verdict;

crate::suite::cases![
    every_method_is_checked,
    every_method_is_blocked,
    head_is_answered_without_a_body,
    unknown_routes_are_404,
    unknown_routes_are_blocked,
    a_route_of_another_method_stays_refused,
    methods_that_no_rfc_knows,
    the_asterisk_of_options_is_checked,
];

const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

async fn every_method_is_checked(stage: Stage) {
    let site = stage.start().await;
    for method in METHODS {
        let payload = site.payload_of(&Request::new(method, "/count")).await;
        assert_eq!(payload.field("Method").as_deref(), Some(method));
    }
}

async fn every_method_is_blocked(stage: Stage) {
    let site = stage.blocking().answer(Verdict::threat(3)).start().await;
    for method in METHODS {
        for target in ["/", "/count/up", "/nowhere"] {
            let response = site.send(&Request::new(method, target)).await;
            assert_eq!(response.status, 403, "{method} {target}");
        }
    }
    assert_eq!(site.application.count(), 0);
}

async fn head_is_answered_without_a_body(stage: Stage) {
    let site = stage.start().await;
    let mut connection = site.connect().await;
    let head = connection.send(&Request::new("HEAD", "/")).await;
    assert_eq!(head.status, 200);
    // Bytes of a body would be taken for the beginning of this one.
    assert_eq!(connection.send(&Request::get("/")).await.text(), "hello");
}

async fn unknown_routes_are_404(stage: Stage) {
    let site = stage.blocking().start().await;
    for method in METHODS {
        let response = site.send(&Request::new(method, "/nowhere")).await;
        assert_eq!(response.status, 404, "{method}");
    }
    assert_eq!(site.calls(), 7);
}

async fn unknown_routes_are_blocked(stage: Stage) {
    let site = stage.blocking().answer(Verdict::threat(3)).start().await;
    assert_eq!(site.get("/nowhere").await.status, 403);
}

async fn a_route_of_another_method_stays_refused(stage: Stage) {
    let site = stage.blocking().start().await;
    for (method, target) in [("POST", "/get-only"), ("GET", "/count/up"), ("DELETE", "/")] {
        let response = site.send(&Request::new(method, target)).await;
        assert!(matches!(response.status, 404 | 405), "{method} {target}");
    }
    assert_eq!(site.application.count(), 0);
}

async fn methods_that_no_rfc_knows(stage: Stage) {
    let known = stage.can(Capability::UnknownMethods);
    let site = stage.blocking().answer(Verdict::threat(3)).start().await;
    let response = site.send(&Request::new("BREW", "/")).await;
    if known {
        assert_eq!(response.status, 403);
        assert_eq!(site.payload().field("Method").as_deref(), Some("BREW"));
    } else {
        assert_eq!(response.status, 400, "refused before anyone is asked");
        assert_eq!(site.calls(), 0);
    }
}

async fn the_asterisk_of_options_is_checked(stage: Stage) {
    let site = stage.blocking().answer(Verdict::threat(3)).start().await;
    let response = site.send(&Request::new("OPTIONS", "*")).await;
    if response.status == 400 {
        assert_eq!(site.calls(), 0, "the server refused it");
        return;
    }
    assert_eq!(response.status, 403);
    let url = site.payload().field("RequestURL");
    assert_eq!(url.as_deref(), Some("http://shop.example/"));
}
