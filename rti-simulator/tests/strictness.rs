//! What a strict service refuses, with the status and the reason that a client would see. The single
//! values are tested where they are checked.

// The functions between the tests state what must hold as well.
#![allow(clippy::unwrap_used)]

mod support;

use rti_simulator::{ErrorKind, Simulator};
use support::{Client, FORM, JSON, V1, V3, V4_0, V4_1, ask, header, post};

async fn refusal(path: &str, body: &str) -> (u16, String) {
    let simulator = Simulator::start().await.unwrap();
    let answer = ask(&simulator, path, body).await;
    let journalled = simulator.refusals().pop().unwrap();
    let refusal = journalled.refusal().unwrap();
    assert_eq!(
        (refusal.status(), refusal.reason()),
        (answer.status, answer.body.as_str())
    );
    assert_eq!(
        header(&answer.head, "content-type"),
        Some("text/plain; charset=utf-8")
    );
    (answer.status, answer.body)
}

#[tokio::test]
async fn wrong_requests() {
    let simulator = Simulator::start().await.unwrap();
    let request = post(V1, FORM);
    for (request, status) in [
        (request.replace(V1, "/v2/realtime-interception"), 404),
        (request.replace(V1, "/v1/realtime-interception?x=y"), 404),
        (request.replace(V1, V4_1), 415),
        (
            request.replace("application/x-www-form-urlencoded", "text/plain"),
            415,
        ),
        (request.replace("Content-Type", "X-Content-Type"), 415),
        (request.replace("POST", "PUT"), 405),
    ] {
        let mut client = Client::connect(&simulator).await;
        client.send(&request).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, status, "{request}");
        assert_eq!(header(&answer.head, "allow").is_some(), status == 405);
    }
    assert_eq!(simulator.refusals().len(), 6);
}

#[tokio::test]
async fn wrong_forms() {
    for (body, reason) in [
        (
            FORM.replace("&ApiKey=k-1", ""),
            "the field ApiKey is missing",
        ),
        (
            FORM.replace("ApiKey=k-1", "ApiKey=+"),
            "the field ApiKey is empty; leave it out",
        ),
        (
            FORM.replace("&TagHash=t-1", ""),
            "the field TagHash is missing",
        ),
        (
            FORM.replace("&MiddlewareVersion=rust_axum_0.1.0", ""),
            "the field MiddlewareVersion is missing",
        ),
        (
            FORM.replace("EventType=page_load&", ""),
            "the field EventType is missing",
        ),
        (
            FORM.replace("page_load", ""),
            "the field EventType is empty; leave it out",
        ),
        (
            format!("{FORM}&Origin="),
            "the field Origin is empty; leave it out",
        ),
        (format!("{FORM}&Method=GET"), "the field Method twice"),
        (format!("{FORM}&Unheard=of"), "the unknown field Unheard"),
        (
            format!("{FORM}&IsExtended=1"),
            "the unknown field IsExtended",
        ),
        (
            format!("{FORM}&Origin=%2"),
            "Origin: malformed percent-encoding",
        ),
        (format!("{FORM}&Origin=%ff"), "Origin: not UTF-8"),
        (
            FORM.replace("192.0.2.1", "unknown"),
            "ClientIP: \"unknown\" is not an IP address",
        ),
        (
            FORM.replace("https%3A%2F%2Fexample.com", ""),
            "RequestURL: \"/\" is not an absolute URL",
        ),
        (
            FORM.replace("HeaderNames=Host", "HeaderNames=Host%2C"),
            "HeaderNames: \"\" is not a header name",
        ),
        (
            FORM.replace("2CUser-Agent", "2CUser-Agent%2C"),
            "HeaderNames: a trailing comma",
        ),
        (
            FORM.replace("1795370096002", "20261122175455"),
            "RequestTime: \"20261122175455\" is not milliseconds since the epoch",
        ),
    ] {
        assert_eq!(refusal(V1, &body).await, (400, reason.to_owned()));
    }
    assert_eq!(
        refusal(V3, FORM).await,
        (400, "the field IsExtended is missing".to_owned())
    );
}

#[tokio::test]
async fn wrong_json() {
    for (body, reason) in [
        (
            JSON.replace(r#""tagHash":"t-1","#, ""),
            "the member tagHash is missing",
        ),
        (JSON.replace("k-1", ""), "apiKey is empty; leave it out"),
        (
            JSON.replace("page_load", " "),
            "customId1 is empty; leave it out",
        ),
        (
            JSON.replace("true", r#""true""#),
            "isHeaderNamesOrdered is not a boolean",
        ),
        (
            JSON.replace("tagHash", "unheardOf"),
            "the unknown member unheardOf",
        ),
        (
            JSON.replace("via", "cookie"),
            "the header cookie must never be forwarded",
        ),
        (
            JSON.replace("via", "authorization"),
            "the header authorization must never be forwarded",
        ),
        (
            JSON.replace("via", "x-via"),
            "the header x-via is none of those to forward",
        ),
        (
            JSON.replace("1795370096002000", "now"),
            "microTime: \"now\" is not microseconds since the epoch",
        ),
        (
            JSON.replace(r#""1.1 front""#, "1.1"),
            "endUserParams.headers.via is not text",
        ),
    ] {
        assert_eq!(refusal(V4_1, &body).await, (400, reason.to_owned()));
    }
    let (status, reason) = refusal(V4_1, &JSON.replace("tagHash", "apiKey")).await;
    assert!(
        status == 400 && reason.contains("the member apiKey twice"),
        "{reason}"
    );
    let (status, reason) = refusal(V4_1, "{").await;
    assert!(
        status == 400 && reason.starts_with("not the JSON expected"),
        "{reason}"
    );
    let session = JSON.replace(r#""tagHash""#, r#""sCookie":"s","tagHash""#);
    assert_eq!(
        refusal(V4_0, &session).await,
        (400, "sCookie does not belong to 4.0".to_owned())
    );
}

#[tokio::test]
async fn other_credentials_than_the_expected_ones() {
    let simulator = Simulator::builder()
        .api_key("k-1")
        .tag_hash("t-1")
        .start()
        .await
        .unwrap();
    assert_eq!(ask(&simulator, V1, FORM).await.status, 200);
    assert_eq!(ask(&simulator, V4_1, JSON).await.status, 200);
    for body in [FORM.replace("k-1", "k-2"), FORM.replace("t-1", "t-2")] {
        assert_eq!(ask(&simulator, V1, &body).await.status, 401);
    }
    assert_eq!(
        ask(&simulator, V4_1, &JSON.replace("k-1", "k-2"))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn too_much_of_a_body_is_told_before_the_connection_closes() {
    let simulator = Simulator::builder().body_limit(100).start().await.unwrap();
    let mut client = Client::connect(&simulator).await;
    let answer = client.ask(V1, FORM).await;
    assert_eq!(answer.status, 413);
    assert_eq!(header(&answer.head, "connection"), Some("close"));
    assert_eq!(client.rest().await.unwrap(), b"");
}

#[tokio::test]
async fn what_is_not_http_is_in_the_journal_as_it_came() {
    let simulator = Simulator::start().await.unwrap();
    let mut client = Client::connect(&simulator).await;
    client.send(b"\x16\x03\x01 hello").await;
    assert_eq!(client.answer().await.status, 400);
    let journal = simulator.refusals();
    assert_eq!(journal[0].body(), b"\x16\x03\x01 hello");
    assert_eq!((journal[0].method(), journal[0].protocol()), ("", None));
}

#[tokio::test]
async fn addresses_that_others_could_reach() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let builder = Simulator::builder().bind(address.parse().unwrap());
        let error = builder.start().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotLoopback);
        assert!(error.to_string().contains(address), "{error}");
    }
    let simulator = Simulator::start().await.unwrap();
    let taken = Simulator::builder().bind(simulator.address()).start().await;
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::Bind);
}
