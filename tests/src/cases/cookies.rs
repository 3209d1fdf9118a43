//! The verdict's cookie: on every answer the verdict belongs to, beside the application's own.
//! Answers of v4 set none.

use crate::application::APP_COOKIE;
use crate::client::Request;
use crate::{Capability, Challenge, Site, Stage};
use rti_simulator::{Fault, Verdict};

crate::suite::cases![
    the_cookie_is_set_on_allowed_requests: speaks V1,
    the_cookie_is_set_on_blocked_requests: speaks V1,
    the_cookie_is_set_on_redirected_requests: speaks V1,
    the_cookie_is_set_on_challenged_requests: speaks V1,
    the_cookie_is_set_in_monitoring: speaks V1,
    the_cookie_is_set_on_head: speaks V1,
    the_cookie_is_set_on_unknown_routes: speaks V1,
    the_cookie_is_set_on_routes_of_another_method: speaks V1,
    the_cookie_is_set_when_the_handler_fails: speaks V1,
    the_cookie_is_set_when_the_handler_panics: needs PanicAsResponse speaks V1,
    the_cookie_is_set_on_streams: speaks V1,
    the_cookie_stands_beside_the_applications_own: speaks V1,
    there_is_no_cookie_where_nothing_was_checked,
    there_is_no_cookie_without_a_verdict: speaks V1,
    a_cookie_that_is_no_header_value_is_dropped_and_the_verdict_kept: speaks V1,
    a_cookie_of_another_name_is_dropped_and_the_verdict_kept: speaks V1,
];

const COOKIE: &str = "_cheq_rti=c2Vzc2lvbg==; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax";

fn threat(code: u32) -> Verdict {
    Verdict::threat(code).set_cookie(COOKIE)
}

async fn allowing(stage: Stage) -> Site {
    stage.blocking().answer(threat(0)).start().await
}

async fn the_cookie_is_set_on_allowed_requests(stage: Stage) {
    let response = allowing(stage).await.get("/").await;
    assert_eq!((response.status, response.text()), (200, "hello"));
    assert_eq!(response.cookies(), [COOKIE]);
}

async fn the_cookie_is_set_on_blocked_requests(stage: Stage) {
    let site = stage.blocking().answer(threat(3)).start().await;
    let response = site.get("/").await;
    assert_eq!(response.status, 403);
    assert_eq!(response.cookies(), [COOKIE]);
}

async fn the_cookie_is_set_on_redirected_requests(stage: Stage) {
    let site = stage.redirecting("/about").answer(threat(3)).start().await;
    let response = site.get("/").await;
    assert_eq!(response.status, 302);
    assert_eq!(response.cookies(), [COOKIE]);
}

async fn the_cookie_is_set_on_challenged_requests(stage: Stage) {
    for (challenge, status) in [
        (Challenge::None, 200),
        (Challenge::CaptchaOrDenial, 302),
        (Challenge::Continue, 200),
        (Challenge::Answer, 401),
        (Challenge::Panic, 200),
    ] {
        if challenge == Challenge::Panic && !stage.can(Capability::ChallengePanics) {
            continue;
        }
        let stage = stage.again().blocking().answer(threat(14));
        let site = stage.challenge(challenge).start().await;
        let response = site.get("/").await;
        assert_eq!(response.status, status, "{challenge:?}");
        assert_eq!(response.cookies(), [COOKIE], "{challenge:?}");
    }
}

async fn the_cookie_is_set_in_monitoring(stage: Stage) {
    let site = stage.start().await;
    for code in [0, 3, 14, 19] {
        site.answer(threat(code));
        let response = site.get("/").await;
        assert_eq!(response.cookies(), [COOKIE], "{code}");
    }
}

async fn the_cookie_is_set_on_head(stage: Stage) {
    let site = allowing(stage).await;
    let response = site.send(&Request::new("HEAD", "/")).await;
    assert_eq!(response.cookies(), [COOKIE]);
}

async fn the_cookie_is_set_on_unknown_routes(stage: Stage) {
    let response = allowing(stage).await.get("/nowhere").await;
    assert_eq!(response.status, 404);
    assert_eq!(response.cookies(), [COOKIE]);
}

async fn the_cookie_is_set_on_routes_of_another_method(stage: Stage) {
    let site = allowing(stage).await;
    let response = site.send(&Request::post("/get-only", "")).await;
    assert!(matches!(response.status, 404 | 405), "{response:?}");
    assert_eq!(response.cookies(), [COOKIE]);
}

async fn the_cookie_is_set_when_the_handler_fails(stage: Stage) {
    let response = allowing(stage).await.get("/error").await;
    assert_eq!(response.status, 500);
    assert_eq!(response.cookies(), [COOKIE]);
}

async fn the_cookie_is_set_when_the_handler_panics(stage: Stage) {
    let response = allowing(stage).await.get("/panic").await;
    assert_eq!(response.status, 500);
    assert_eq!(response.cookies(), [COOKIE]);
}

async fn the_cookie_is_set_on_streams(stage: Stage) {
    let site = allowing(stage).await;
    for _ in crate::application::FRAMES {
        site.application.release_frame();
    }
    let response = site.get("/stream").await;
    assert_eq!(response.text(), "first;second;third;");
    assert_eq!(response.cookies(), [COOKIE]);
}

async fn the_cookie_stands_beside_the_applications_own(stage: Stage) {
    let response = allowing(stage).await.get("/app-cookie").await;
    let mut cookies = response.cookies();
    cookies.sort_unstable();
    assert_eq!(cookies, [COOKIE, APP_COOKIE]);
}

async fn there_is_no_cookie_where_nothing_was_checked(stage: Stage) {
    let site = stage
        .configure(|config| config.uri_exclusion(["/about", "/app-cookie"]))
        .answer(threat(0))
        .start()
        .await;
    assert_eq!(site.get("/about").await.cookies(), [""; 0]);
    assert_eq!(site.get("/app-cookie").await.cookies(), [APP_COOKIE]);
    assert_eq!(site.calls(), 0);
}

async fn there_is_no_cookie_without_a_verdict(stage: Stage) {
    // A half-read answer: the cookie is there, the verdict is not.
    let answer = format!(r#"{{"setCookie":"{COOKIE}","isInvalid":"yes","threatTypeCode":3}}"#);
    let site = stage.blocking().answer(Fault::body(answer)).start().await;
    let response = site.get("/").await;
    assert_eq!((response.status, response.text()), (200, "hello"));
    assert_eq!(response.cookies(), [""; 0]);
}

async fn a_cookie_that_is_no_header_value_is_dropped_and_the_verdict_kept(stage: Stage) {
    let site = stage.blocking().start().await;
    for bad in [
        "_cheq_rti=1\r\nX-Evil: y",
        "_cheq_rti=1\n",
        "_cheq_rti=\u{e9}",
        "_cheq_rti=\0",
        "  ",
    ] {
        let verdict = Verdict::threat(3).set_cookie(bad);
        site.answer(verdict);
        let response = site.get("/").await;
        assert_eq!(response.status, 403, "{bad:?}");
        assert_eq!(response.cookies(), [""; 0], "{bad:?}");
        assert_eq!(response.header("X-Evil"), None);
    }
}

async fn a_cookie_of_another_name_is_dropped_and_the_verdict_kept(stage: Stage) {
    let site = stage.blocking().start().await;
    for foreign in [
        "session=x; Path=/",
        "_cheqrti=x",
        " _cheq_rti=x",
        "=_cq_s=x",
    ] {
        site.answer(Verdict::threat(3).set_cookie(foreign));
        let response = site.get("/").await;
        assert_eq!(response.status, 403, "{foreign:?}");
        assert_eq!(response.cookies(), [""; 0], "{foreign:?}");
    }
}
