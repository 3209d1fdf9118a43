//! One engine layered more than once, and two engines in one application.

use crate::client::Request;
use crate::{Challenge, Stage};
use rti_simulator::Verdict;

crate::suite::cases![
    a_request_is_checked_once_however_often_layered: needs Layering,
    a_cookie_is_set_once_however_often_layered: needs Layering speaks V1,
    a_challenge_is_met_once_however_often_layered: needs Layering,
    two_parts_of_an_application_have_two_configurations: needs TwoEngines,
    each_part_sees_the_path_the_visitor_asked_for: needs TwoEngines,
];

async fn a_request_is_checked_once_however_often_layered(stage: Stage) {
    let site = stage.layered(3).start().await;
    assert_eq!(site.decision().await["outcome"], "evaluated");
    site.get("/nowhere").await;
    assert_eq!(site.calls(), 2);
}

async fn a_cookie_is_set_once_however_often_layered(stage: Stage) {
    let verdict = Verdict::valid().set_cookie("_cheq_rti=b");
    let site = stage.layered(2).answer(verdict).start().await;
    assert_eq!(site.get("/").await.cookies(), ["_cheq_rti=b"]);
}

async fn a_challenge_is_met_once_however_often_layered(stage: Stage) {
    let stage = stage.layered(2).blocking().answer(Verdict::threat(14));
    let site = stage.challenge(Challenge::Continue).start().await;
    assert_eq!(site.get("/").await.text(), "hello");
    assert_eq!(site.calls(), 1);
}

async fn two_parts_of_an_application_have_two_configurations(stage: Stage) {
    let site = stage
        .second(|config| {
            config
                .mode(rti_core::Mode::Blocking)
                .uri_exclusion(["/second/captcha"])
        })
        .configure(|config| config.uri_exclusion(["/about"]))
        .answer(Verdict::threat(3))
        .start()
        .await;
    for (target, status, asked) in [
        ("/", 200, true),
        ("/about", 200, false),
        ("/captcha", 200, true),
        ("/second/subscribe", 403, true),
        ("/second/about", 403, true),
        ("/second/captcha", 200, false),
    ] {
        let before = site.calls();
        assert_eq!(site.get(target).await.status, status, "{target}");
        assert_eq!(site.calls() - before, u64::from(asked), "{target}");
    }
}

async fn each_part_sees_the_path_the_visitor_asked_for(stage: Stage) {
    let site = stage
        .second(|config| config.route_to_event_type([("/second/about", "subscribe")]))
        .start()
        .await;
    let request = Request::get("/second/about?x=1");
    let payload = site.payload_of(&request).await;
    let url = payload.field("RequestURL");
    assert_eq!(url.as_deref(), Some("http://shop.example/second/about?x=1"));
    assert_eq!(payload.field("EventType").as_deref(), Some("subscribe"));
}
