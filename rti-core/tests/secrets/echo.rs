//! A service that sends back what it was sent.

use rti_core::{
    Action, ApiRequest, ApiResponse, ApiVersion, CallError, Decision, ResultHeader, Rti, Transport,
    Verdict,
};

use crate::key::{KEY, assert_no_key};

/// An error goes to the log, and an error of JSON quotes what it did not expect.
#[test]
fn no_error_quotes_the_response() {
    for version in [
        ApiVersion::V1,
        ApiVersion::V3,
        ApiVersion::V4_0,
        ApiVersion::V4_1,
    ] {
        for answer in [
            format!(r#"{{"isInvalid":"{KEY}","threatTypeCode":0}}"#),
            format!(r#"{{"isInvalid":true,"threatTypeCode":"{KEY}"}}"#),
            format!(r#"{{"decision":"{KEY}"}}"#),
            format!(r#"{{"decision":{{"verdict":"benign"}},"classification":{{"code":"{KEY}"}}}}"#),
            format!(r#""{KEY}""#),
            format!("ApiKey={KEY}"),
        ] {
            let error = Verdict::decode(version, answer.as_bytes()).unwrap_err();
            assert_no_key(&format!("{error} {error:?}"), &answer);
        }
    }
}

/// Answers every request with the same body.
struct Echo(String);

#[rti_core::async_trait]
impl Transport for Echo {
    async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
        Ok(ApiResponse::new(200, self.0.clone()))
    }
}

async fn decide(version: ApiVersion, answer: String) -> Decision {
    let config = crate::checking::config("http://127.0.0.1:9")
        .api_key(KEY)
        .api_version(version)
        .result_header(ResultHeader::On);
    let rti = Rti::with_transport(config.build().unwrap(), Echo(answer));
    crate::checking::check(&rti).await
}

/// Everything of a decision that is shown, sent on or logged.
fn shown(decision: &Decision) -> String {
    let page = decision
        .reply()
        .map(|reply| String::from_utf8_lossy(reply.body()));
    let detail = decision.verdict().and_then(Verdict::detail);
    format!(
        "{page:?} {:?} {:?} {decision:?} {detail:?} {}",
        decision.result_header(),
        decision.set_cookie(),
        serde_json::to_string(&decision).unwrap(),
    )
}

/// As the service received it: in a form, in JSON, and as JSON may write it.
fn echoed() -> [String; 4] {
    [
        KEY.to_owned(),
        form_urlencoded::byte_serialize(KEY.as_bytes()).collect(),
        KEY.replace('/', "\\/"),
        KEY.replace('S', "\\u0053"),
    ]
}

#[tokio::test]
async fn no_decision_shows_a_key_that_the_service_sent_back() {
    for key in echoed() {
        let id = format!("r-{key}-1");
        let v1 = format!(
            r#"{{"isInvalid":true,"threatTypeCode":3,"requestId":"{id}","setCookie":"_cheq_rti={key}"}}"#
        );
        let decision = decide(ApiVersion::V1, v1).await;
        assert_eq!(decision.action(), Action::Block);
        let id = decision.verdict().unwrap().request_id();
        assert_eq!(id, Some("r-[redacted]-1"));
        assert_eq!(decision.set_cookie(), None);
        assert_no_key(&shown(&decision), "a decision of v1");

        let v4 = format!(
            r#"{{"decision":{{"verdict":"malicious","ruleName":"{key}","riskScore":"{key}"}},
                "classification":{{"code":3,"name":"{key}"}},
                "ids":{{"rayId":"{key}","{key}":"named","list":["{key}"]}},
                "device":{{"os":"{key}"}},"network":{{"as":{{"asName":"{key}","asNumber":7}}}}}}"#
        );
        let decision = decide(ApiVersion::V4_1, v4).await;
        assert_eq!(decision.action(), Action::Block);
        let detail = decision.verdict().unwrap().detail().unwrap();
        assert_eq!(detail.rule_name.as_deref(), Some("[redacted]"));
        assert_eq!(detail.network.as_number, Some(7));
        assert_no_key(&shown(&decision), "a decision of v4");

        let odd = format!(
            r#"{{"decision":{{"verdict":"{key}"}},"classification":{{"code":0}},"ids":{{"rayId":"r"}}}}"#
        );
        let decision = decide(ApiVersion::V4_1, odd).await;
        assert_no_key(&shown(&decision), "a verdict in a word");
    }
}

/// The key of a test may be a word of the protocol.
#[tokio::test]
async fn a_key_that_is_a_word_of_the_response_costs_no_verdict() {
    let config = crate::checking::config("http://127.0.0.1:9")
        .api_key("malicious")
        .api_version(ApiVersion::V4_1);
    let answer =
        r#"{"decision":{"verdict":"malicious"},"classification":{"code":3},"ids":{"rayId":"r"}}"#;
    let rti = Rti::with_transport(config.build().unwrap(), Echo(answer.to_owned()));
    assert_eq!(crate::checking::check(&rti).await.action(), Action::Block);
}
