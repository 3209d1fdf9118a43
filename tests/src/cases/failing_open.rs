//! Whatever the service does, the visitor is served in time, and the handler is told why.

use std::time::{Duration, Instant};

use crate::{Site, Stage};
use rti_simulator::{Fault, Rule, Verdict};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

crate::suite::cases![
    fails_open_when_the_service_hangs,
    fails_open_when_the_service_does_not_read,
    fails_open_when_the_service_resets,
    fails_open_when_the_service_closes,
    fails_open_when_the_service_is_unavailable,
    fails_open_when_the_service_refuses_the_payload,
    fails_open_when_there_are_too_many_calls,
    fails_open_when_the_service_redirects,
    fails_open_on_malformed_json,
    fails_open_on_wrong_types,
    fails_open_on_a_truncated_body,
    fails_open_on_a_truncated_head,
    fails_open_on_a_wrong_content_length,
    fails_open_on_a_slow_head,
    fails_open_on_a_slow_body,
    fails_open_on_an_oversize_body,
    fails_open_on_an_endless_body,
    fails_open_on_garbage,
    fails_open_on_a_late_verdict,
    fails_open_when_nobody_listens,
    fails_open_when_nobody_accepts,
    a_verdict_within_the_deadline_counts,
    a_service_that_closes_behind_its_answer_harms_nobody,
    a_stale_connection_is_replaced_within_the_deadline,
];

const DEADLINE: Duration = Duration::from_millis(250);

/// What a loaded machine may add to the deadline. A service that hangs would take far longer.
const SCHEDULING: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(100);

/// The fault leads to the reason; the visitor is served in time, without a trace of the fault.
async fn fails_open(stage: Stage, fault: Fault, reason: &str) {
    let stage = stage.answer(fault).blocking();
    // Connections that are kept open would still have the fault when the service is well again.
    let site = stage
        .configure(|config| config.timeout(DEADLINE).min_idle_connections(0))
        .start()
        .await;
    assert_fails_open(&site, reason).await;
    // And when the service is back, so are its verdicts.
    site.answer(Verdict::threat(3));
    assert_eq!(site.get("/verdict").await.status, 403);
}

async fn assert_fails_open(site: &Site, reason: &str) {
    let began = Instant::now();
    let response = site.get("/verdict").await;
    let took = began.elapsed();
    assert!(took < DEADLINE + SCHEDULING, "served after {took:?}");
    assert_eq!(response.status, 200);
    assert_eq!(response.cookies(), [""; 0]);
    let decision = response.json();
    assert_eq!(decision["outcome"], "failed_open");
    assert_eq!(decision["action"], "allow");
    assert_eq!(decision["reason"], reason);
    assert_eq!(decision["is_invalid"], serde_json::Value::Null);
}

async fn fails_open_when_the_service_hangs(stage: Stage) {
    fails_open(stage, Fault::Hang, "timeout").await;
}

async fn fails_open_when_the_service_does_not_read(stage: Stage) {
    fails_open(stage, Fault::HangUnread, "timeout").await;
}

async fn fails_open_when_the_service_resets(stage: Stage) {
    fails_open(stage, Fault::Reset, "connect").await;
}

async fn fails_open_when_the_service_closes(stage: Stage) {
    fails_open(stage, Fault::Close, "connect").await;
}

async fn fails_open_when_the_service_is_unavailable(stage: Stage) {
    // Even with a whole verdict in the body: only success carries one.
    let verdict = r#"{"isInvalid":true,"threatTypeCode":3,"setCookie":"_cheq_rti=b"}"#;
    let fault = Fault::status_with_body(503, verdict);
    fails_open(stage, fault, "status_503").await;
}

async fn fails_open_when_the_service_refuses_the_payload(stage: Stage) {
    fails_open(stage, Fault::status(400), "status_400").await;
}

async fn fails_open_when_there_are_too_many_calls(stage: Stage) {
    fails_open(stage, Fault::status(429), "status_429").await;
}

async fn fails_open_when_the_service_redirects(stage: Stage) {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("http://{}/", elsewhere.local_addr().unwrap());
    fails_open(stage, Fault::redirect(location), "status_302").await;
    let nobody = tokio::time::timeout(Duration::ZERO, elsewhere.accept()).await;
    assert!(nobody.is_err(), "the key was carried elsewhere");
}

async fn fails_open_on_malformed_json(stage: Stage) {
    fails_open(stage, Fault::MalformedJson, "malformed").await;
}

async fn fails_open_on_wrong_types(stage: Stage) {
    fails_open(stage, Fault::WrongTypes, "malformed").await;
}

async fn fails_open_on_a_truncated_body(stage: Stage) {
    fails_open(stage, Fault::TruncatedBody, "malformed").await;
}

async fn fails_open_on_a_truncated_head(stage: Stage) {
    fails_open(stage, Fault::TruncatedHead, "connect").await;
}

async fn fails_open_on_a_wrong_content_length(stage: Stage) {
    fails_open(stage, Fault::WrongContentLength, "malformed").await;
}

async fn fails_open_on_a_slow_head(stage: Stage) {
    fails_open(stage, Fault::SlowHead(PAUSE), "timeout").await;
}

async fn fails_open_on_a_slow_body(stage: Stage) {
    fails_open(stage, Fault::SlowBody(PAUSE), "timeout").await;
}

async fn fails_open_on_an_oversize_body(stage: Stage) {
    fails_open(stage, Fault::oversize_body(), "oversize").await;
}

async fn fails_open_on_an_endless_body(stage: Stage) {
    fails_open(stage, Fault::EndlessBody, "oversize").await;
}

async fn fails_open_on_garbage(stage: Stage) {
    fails_open(stage, Fault::Garbage, "malformed").await;
}

async fn fails_open_on_a_late_verdict(stage: Stage) {
    let late = Verdict::threat(3).set_cookie("_cheq_rti=b");
    let late = Rule::always().then(late).after(Duration::from_secs(5));
    let stage = stage.rules([late]).blocking();
    let site = stage
        .configure(|config| config.timeout(DEADLINE))
        .start()
        .await;
    assert_fails_open(&site, "timeout").await;
}

async fn fails_open_when_nobody_listens(stage: Stage) {
    // Bound and not listening, so that no other socket gets the port while this case runs.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let origin = format!("http://{}", nobody.local_addr().unwrap());
    let stage = stage.configure(|config| config.api_endpoint(origin).timeout(DEADLINE));
    assert_fails_open(&stage.start().await, "connect").await;
}

async fn fails_open_when_nobody_accepts(stage: Stage) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let busy = socket.listen(1).unwrap();
    let address = busy.local_addr().unwrap();
    // What does not fit the backlog any more hangs in the connect.
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(PAUSE, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let origin = format!("http://{address}");
    let stage = stage.configure(|config| config.api_endpoint(origin).timeout(DEADLINE));
    assert_fails_open(&stage.start().await, "timeout").await;
}

async fn a_verdict_within_the_deadline_counts(stage: Stage) {
    let rule = Rule::always().then(Verdict::threat(3)).after(PAUSE);
    let site = stage.rules([rule]).blocking().start().await;
    assert_eq!(site.get("/").await.status, 403);
}

async fn a_service_that_closes_behind_its_answer_harms_nobody(stage: Stage) {
    let stage = stage.configure(|config| config.min_idle_connections(0));
    let fault = Fault::CloseAfterAnswer(Verdict::threat(3));
    let site = stage.answer(fault).blocking().start().await;
    assert_eq!(site.get("/").await.status, 403);
    site.simulator.wait_for_no_connections().await;
    assert_eq!(site.get("/").await.status, 403);
}

async fn a_stale_connection_is_replaced_within_the_deadline(stage: Stage) {
    let fault = Fault::CloseOnNextRequest(Verdict::threat(3));
    let stage = stage.configure(|config| config.min_idle_connections(0));
    let site = stage.answer(fault).blocking().start().await;
    assert_eq!(site.get("/").await.status, 403);
    assert_eq!(site.get("/").await.status, 403, "asked on a new connection");
    assert_eq!(site.simulator.connections_accepted(), 2);
}
