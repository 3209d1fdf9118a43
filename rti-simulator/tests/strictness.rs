//! What strict mode refuses, with the status and reason that a client gets, and what the default mode
//! refuses too. Single values are tested where they are checked.

// The functions between the tests assert too.
#![allow(clippy::unwrap_used)]

mod support;

use rti_simulator::{ErrorKind, Simulator};
use support::{Client, FORM, JSON, V1, V3, V4_0, V4_1, call, header, post, strict};

async fn refusal(path: &str, body: &str) -> (u16, String) {
    let simulator = strict().await;
    let answer = call(&simulator, path, body).await;
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
async fn wrong_heads_are_refused_in_both_modes() {
    let request = post(V1, FORM);
    for simulator in [Simulator::start().await.unwrap(), strict().await] {
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
}

#[tokio::test]
async fn the_default_mode_refuses_what_it_cannot_read_or_assign() {
    let simulator = Simulator::start().await.unwrap();
    for (path, body, reason) in [
        (V1, "", "ApiKey: missing"),
        (V1, "ApiKey=&TagHash=t", "ApiKey: missing"),
        (V1, "ApiKey=k", "TagHash: missing"),
        (V4_0, r#"{"apiKey":"k"}"#, "TagHash: missing"),
        (V4_1, "[]", "body: not an object"),
    ] {
        let answer = call(&simulator, path, body).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, reason));
    }
    let broken = call(&simulator, V4_1, "{").await;
    assert!(
        broken.status == 400 && broken.body.starts_with("not JSON: "),
        "{}",
        broken.body
    );
}

#[tokio::test]
async fn strict_can_be_set_in_toml() {
    for (settings, status) in [("strict = true", 400), ("strict = false", 200), ("", 200)] {
        let builder = Simulator::builder().toml_str(settings).unwrap();
        let simulator = builder.start().await.unwrap();
        let answer = call(&simulator, V1, &format!("{FORM}&Origin=")).await;
        assert_eq!(answer.status, status, "{settings}");
        let [received] = simulator.journal().try_into().unwrap();
        assert_eq!(received.remarks().len(), 1);
        // A file without rules leaves the default rules.
        let expected = (status == 200).then_some("everybody else");
        assert_eq!(received.rule(), expected);
    }
}

#[tokio::test]
async fn strict_mode_refuses_wrong_forms() {
    for (body, reason) in [
        (FORM.replace("&ApiKey=k-1", ""), "ApiKey: missing"),
        (
            FORM.replace("ApiKey=k-1", "ApiKey=+"),
            "ApiKey: empty, must be left out",
        ),
        (FORM.replace("&TagHash=t-1", ""), "TagHash: missing"),
        (
            FORM.replace("&MiddlewareVersion=rust_axum_0.1.0", ""),
            "MiddlewareVersion: missing",
        ),
        (
            FORM.replace("EventType=page_load&", ""),
            "EventType: missing",
        ),
        (
            FORM.replace("page_load", ""),
            "EventType: empty, must be left out",
        ),
        (format!("{FORM}&Origin="), "Origin: empty, must be left out"),
        (format!("{FORM}&Method=GET"), "Method: sent more than once"),
        (
            format!("{FORM}&Unheard=of"),
            "Unheard: unknown in this protocol version",
        ),
        (
            format!("{FORM}&IsExtended=1"),
            "IsExtended: unknown in this protocol version",
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
        (400, "IsExtended: missing".to_owned())
    );
}

#[tokio::test]
async fn strict_mode_refuses_wrong_json() {
    for (body, reason) in [
        (JSON.replace(r#""tagHash":"t-1","#, ""), "tagHash: missing"),
        (JSON.replace("k-1", ""), "apiKey: empty, must be left out"),
        (
            JSON.replace("page_load", " "),
            "customId1: empty, must be left out",
        ),
        (
            JSON.replace("true", r#""true""#),
            "isHeaderNamesOrdered: not a boolean",
        ),
        (
            JSON.replace("customId1", "unheardOf"),
            "unheardOf: unknown in this protocol version",
        ),
        (
            JSON.replace("via", "cookie"),
            "endUserParams.headers.cookie: a header that must never be forwarded",
        ),
        (
            JSON.replace("via", "authorization"),
            "endUserParams.headers.authorization: a header that must never be forwarded",
        ),
        (
            JSON.replace("via", "x-via"),
            "endUserParams.headers.x-via: not a header that is forwarded",
        ),
        (
            JSON.replace("1795370096002000", "now"),
            "microTime: \"now\" is not microseconds since the epoch",
        ),
        (
            JSON.replace(r#""1.1 proxy""#, "1.1"),
            "endUserParams.headers.via: not a string",
        ),
    ] {
        assert_eq!(refusal(V4_1, &body).await, (400, reason.to_owned()));
    }
    assert_eq!(
        refusal(V4_1, &JSON.replace("tagHash", "apiKey")).await,
        (400, "apiKey: sent more than once".to_owned())
    );
    let (status, reason) = refusal(V4_1, "{").await;
    assert!(
        status == 400 && reason.starts_with("not JSON: "),
        "{reason}"
    );
    let session = JSON.replace(r#""tagHash""#, r#""sCookie":"s","tagHash""#);
    assert_eq!(
        refusal(V4_0, &session).await,
        (400, "sCookie: unknown in this protocol version".to_owned())
    );
}

#[tokio::test]
async fn unexpected_credentials_are_refused() {
    let simulator = Simulator::builder()
        .api_key("k-1")
        .tag_hash("t-1")
        .start()
        .await
        .unwrap();
    assert_eq!(call(&simulator, V1, FORM).await.status, 200);
    assert_eq!(call(&simulator, V4_1, JSON).await.status, 200);
    for body in [FORM.replace("k-1", "k-2"), FORM.replace("t-1", "t-2")] {
        assert_eq!(call(&simulator, V1, &body).await.status, 401);
    }
    assert_eq!(
        call(&simulator, V4_1, &JSON.replace("k-1", "k-2"))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_the_connection_closes() {
    let simulator = Simulator::builder().body_limit(100).start().await.unwrap();
    let mut client = Client::connect(&simulator).await;
    let answer = client.call(V1, FORM).await;
    assert_eq!(answer.status, 413);
    assert_eq!(header(&answer.head, "connection"), Some("close"));
    assert_eq!(client.rest().await.unwrap(), b"");
}

#[tokio::test]
async fn bytes_that_are_not_http_are_in_the_journal() {
    let simulator = Simulator::start().await.unwrap();
    let mut client = Client::connect(&simulator).await;
    client.send(b"\x16\x03\x01 hello").await;
    assert_eq!(client.answer().await.status, 400);
    let journal = simulator.refusals();
    assert_eq!(journal[0].body(), b"\x16\x03\x01 hello");
    assert_eq!((journal[0].method(), journal[0].protocol()), ("", None));
}

#[tokio::test]
async fn only_loopback_addresses_are_bound() {
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
