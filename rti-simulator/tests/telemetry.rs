//! The telemetry endpoint.

mod support;

use rti_simulator::{Fault, Rule, Simulator, TelemetryLevel, field};
use support::{Client, V1, call, strict, with_rules};

const TELEMETRY: &str = "/telemetry";
const MESSAGE: &str = r#"{"level":"info","apiKey":"k-1","tagHash":"t-1","action":"check",
    "application":"rust_axum_0.1.0","message":"rti_duration: 12"}"#;

#[tokio::test]
async fn a_message_is_recorded() {
    let simulator = strict().await;
    assert_eq!(
        simulator.telemetry_url(),
        format!("{}{TELEMETRY}", simulator.origin())
    );
    let answer = call(&simulator, TELEMETRY, MESSAGE).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    let [message] = simulator.telemetry().try_into().unwrap();
    assert_eq!(message.level, TelemetryLevel::Info);
    assert_eq!(message.action.as_deref(), Some("check"));
    assert_eq!(message.application.as_deref(), Some("rust_axum_0.1.0"));
    assert_eq!(message.message, "rti_duration: 12");
    let [received] = simulator.journal().try_into().unwrap();
    assert_eq!(received.telemetry(), Some(&message));
    assert_eq!((received.protocol(), received.remarks()), (None, &[][..]));
    assert_eq!(received.field("ApiKey").as_deref(), Some("k-1"));
    assert!(!format!("{received:?}{message:?}{message}").contains("k-1"));
}

#[tokio::test]
async fn verdict_requests_are_not_telemetry() {
    let simulator = strict().await;
    call(&simulator, V1, support::FORM).await;
    assert_eq!(simulator.telemetry(), []);
}

#[tokio::test]
async fn the_shape_is_checked() {
    let lenient = Simulator::start().await.unwrap();
    let strict = strict().await;
    for (body, status, remark) in [
        (
            MESSAGE.replace("action", "deed"),
            200,
            "deed: unknown in this protocol version",
        ),
        (
            MESSAGE.replace(r#""check""#, r#""""#),
            200,
            "action: empty, must be left out",
        ),
        (
            MESSAGE.replace(r#""rti_duration: 12""#, "12"),
            400,
            "message: not a string",
        ),
        (
            MESSAGE.replace("tagHash", "action"),
            400,
            "action: sent more than once",
        ),
    ] {
        assert_eq!(call(&lenient, TELEMETRY, &body).await.status, status);
        let received = lenient.journal().pop().unwrap();
        assert_eq!(received.remarks()[0].to_string(), remark);
        let answer = call(&strict, TELEMETRY, &body).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, remark));
    }
    let loud = MESSAGE.replace("info", "loud");
    let answer = call(&lenient, TELEMETRY, &loud).await;
    assert!(
        answer.status == 400 && answer.body.contains("`loud`"),
        "{}",
        answer.body
    );
    assert_eq!(strict.telemetry(), []);
    assert_eq!(lenient.telemetry().len(), 2);
}

#[tokio::test]
async fn method_type_and_credentials_are_checked() {
    let builder = Simulator::builder().api_key("k-2");
    let simulator = builder.start().await.unwrap();
    assert_eq!(call(&simulator, TELEMETRY, MESSAGE).await.status, 401);
    let request = support::post(TELEMETRY, MESSAGE);
    for (request, status) in [
        (request.replace("POST", "PUT"), 405),
        (request.replace("application/json", "text/plain"), 415),
    ] {
        let mut client = Client::connect(&simulator).await;
        client.send(&request).await;
        assert_eq!(client.answer().await.status, status);
    }
    assert_eq!(simulator.telemetry(), []);
}

#[tokio::test]
async fn rules_can_make_it_fail() {
    let outage = Rule::when(field("level").equals("info")).then(Fault::status(503));
    let simulator = with_rules([outage]).await;
    assert_eq!(call(&simulator, TELEMETRY, MESSAGE).await.status, 503);
    assert_eq!(simulator.telemetry().len(), 1);
}
