//! What the other versions of a protocol add or leave out.

use crate::Stage;
use crate::client::Request;

crate::suite::cases![
    v3_is_v1_with_an_extended_check: speaks V3,
    v3_blocks_by_the_lists_of_v1: speaks V3,
    v4_0_is_v4_1_without_the_session_cookie: speaks V4_0,
];

async fn v3_is_v1_with_an_extended_check(stage: Stage) {
    let site = stage.start().await;
    let request = Request::get("/").header("Request-Id", "p-1");
    let payload = site.payload_of(&request).await;
    assert_eq!(payload.path(), "/v3/realtime-interception");
    assert_eq!(payload.field("IsExtended").as_deref(), Some("1"));
    assert_eq!(payload.field("RequestId").as_deref(), Some("p-1"));
}

async fn v3_blocks_by_the_lists_of_v1(stage: Stage) {
    let stage = stage.configure(|config| config.invalid_block_redirect_codes([99]));
    let site = stage.blocking().start().await;
    for (code, status) in [(99, 403), (3, 200)] {
        site.answer(rti_simulator::Verdict::threat(code));
        assert_eq!(site.get("/").await.status, status, "{code}");
    }
}

async fn v4_0_is_v4_1_without_the_session_cookie(stage: Stage) {
    let site = stage.start().await;
    let request = Request::get("/").header("Cookie", "_cq_s=s; _cq_duid=d");
    let payload = site.payload_of(&request).await;
    assert_eq!(payload.path(), "/defend/4.0/traffic");
    assert_eq!(payload.field("duidCookie").as_deref(), Some("d"));
    assert_eq!(payload.field("sCookie"), None);
}
