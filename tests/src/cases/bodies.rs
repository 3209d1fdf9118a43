//! Bodies pass untouched, in both directions, at their own pace.

use crate::application::FRAMES;
use crate::client::Request;
use crate::{Capability, Stage};
use rti_simulator::Verdict;

crate::suite::cases![
    a_megabyte_passes_untouched,
    a_chunked_request_passes_untouched,
    a_stream_arrives_frame_by_frame,
    an_upload_waits_for_the_go_ahead,
    a_blocked_upload_is_refused_before_it_is_sent,
    a_blocked_body_does_not_spoil_the_connection,
];

async fn a_megabyte_passes_untouched(stage: Stage) {
    let site = stage.blocking().start().await;
    // No period that a buffer's size could hide.
    let body: Vec<u8> = (0_u32..1 << 20)
        .map(|n| n.wrapping_mul(n).to_le_bytes()[1])
        .collect();
    let response = site.send(&Request::post("/echo", body.clone())).await;
    assert_eq!(response.status, 200);
    assert!(
        response.body == body,
        "{} bytes came back",
        response.body.len()
    );
}

async fn a_chunked_request_passes_untouched(stage: Stage) {
    let site = stage.blocking().start().await;
    let mut connection = site.connect().await;
    let request = Request::new("POST", "/echo").header("Transfer-Encoding", "chunked");
    connection.write(request.bytes()).await;
    for chunk in ["5\r\nhello\r\n", "7;x=y\r\n, world\r\n", "0\r\n\r\n"] {
        connection.write(chunk).await;
    }
    let response = connection.response_to("POST").await;
    assert_eq!((response.status, response.text()), (200, "hello, world"));
    assert_eq!(site.calls(), 1);
    // A server that answers before it has read everything may say that it closes.
    if response.header("Connection") != Some("close") {
        assert_eq!(connection.send(&Request::get("/")).await.text(), "hello");
    }
}

async fn a_stream_arrives_frame_by_frame(stage: Stage) {
    let site = stage.blocking().start().await;
    let mut connection = site.connect().await;
    connection.write(Request::get("/stream").bytes()).await;
    site.application.release_frame();
    let head = connection.head().await;
    assert_eq!(head.status, 200);
    for frame in FRAMES {
        // The next frame is let go when this one is here: nothing may wait for the whole.
        assert_eq!(connection.chunk().await.as_deref(), Some(frame.as_bytes()));
        site.application.release_frame();
    }
    assert_eq!(connection.chunk().await, None);
}

/// To a handler that answers when it has read everything.
fn upload() -> Request {
    Request::new("POST", "/length")
        .header("Content-Length", "5")
        .header("Expect", "100-continue")
}

async fn an_upload_waits_for_the_go_ahead(stage: Stage) {
    let site = stage.blocking().start().await;
    let mut connection = site.connect().await;
    connection.write(upload().bytes()).await;
    assert_eq!(connection.head().await.status, 100);
    connection.write("hello").await;
    let response = connection.response_to("POST").await;
    assert_eq!((response.status, response.text()), (200, "5"));
}

async fn a_blocked_upload_is_refused_before_it_is_sent(stage: Stage) {
    let on_demand = stage.can(Capability::ExpectContinue);
    let site = stage.blocking().answer(Verdict::threat(3)).start().await;
    let mut connection = site.connect().await;
    connection.write(upload().bytes()).await;
    let mut head = connection.head().await;
    if !on_demand {
        assert_eq!(
            head.status, 100,
            "the go-ahead does not wait for the verdict"
        );
        connection.write("hello").await;
        head = connection.head().await;
    }
    assert_eq!(head.status, 403);
}

async fn a_blocked_body_does_not_spoil_the_connection(stage: Stage) {
    let site = stage.blocking().answer(Verdict::threat(3)).start().await;
    let mut connection = site.connect().await;
    let body = "GET /smuggled HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    connection.write(Request::post("/echo", body).bytes()).await;
    let blocked = connection.response_to("POST").await;
    assert_eq!(blocked.status, 403);
    let smuggled = |url: Option<String>| url.is_some_and(|url| url.contains("smuggled"));
    let journal = site.simulator.journal();
    assert!(
        !journal
            .iter()
            .any(|asked| smuggled(asked.field("RequestURL")))
    );
    assert_eq!(site.calls(), 1);
}
