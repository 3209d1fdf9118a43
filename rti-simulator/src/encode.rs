//! The JSON of a response.

mod v4;

use serde_json::{Value, json};

use crate::payload::Payload;
use crate::protocol::{Endpoint, Protocol};
use crate::verdict::Verdict;

/// The JSON object that answers a request with this verdict. `fresh_id` is for a verdict without a
/// request id of its own. A telemetry message gets no verdict.
pub(crate) fn encode(
    verdict: &Verdict,
    endpoint: Endpoint,
    payload: &Payload,
    fresh_id: &str,
) -> Vec<u8> {
    let body = match endpoint {
        Endpoint::Verdict(Protocol::V1 | Protocol::V3) => v1(verdict, fresh_id),
        Endpoint::Verdict(Protocol::V4_0) => v4::encode(verdict, "4.0", payload, fresh_id),
        Endpoint::Verdict(Protocol::V4_1) => v4::encode(verdict, "4.1", payload, fresh_id),
        Endpoint::Telemetry => json!({}),
    };
    body.to_string().into_bytes()
}

/// An object with the expected members, all of them of another type than expected.
pub(crate) fn encode_wrong_types(endpoint: Endpoint) -> &'static [u8] {
    match endpoint {
        Endpoint::Verdict(Protocol::V1 | Protocol::V3) => {
            br#"{"version":"1","isInvalid":"true","threatTypeCode":"3","requestId":7,"setCookie":[]}"#
        }
        Endpoint::Verdict(Protocol::V4_0 | Protocol::V4_1) => {
            br#"{"decision":{"verdict":1},"classification":{"code":"3"},"ids":{"rayId":7}}"#
        }
        Endpoint::Telemetry => b"[]",
    }
}

fn v1(verdict: &Verdict, fresh_id: &str) -> Value {
    let mut body = json!({
        "version": 1,
        "isInvalid": verdict.is_invalid(),
        "threatTypeCode": verdict.code,
        "requestId": verdict.request_id.as_deref().unwrap_or(fresh_id),
    });
    if let (Some(members), Some(cookie)) = (body.as_object_mut(), &verdict.set_cookie) {
        members.insert("setCookie".to_owned(), json!(cookie));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v1_has_a_cookie_if_the_verdict_has_one() {
        let verdict = Verdict::threat(3).request_id("r-1").set_cookie("a=b");
        assert_eq!(
            v1(&verdict, "fresh"),
            json!({"version": 1, "isInvalid": true, "threatTypeCode": 3, "requestId": "r-1", "setCookie": "a=b"})
        );
        assert_eq!(
            v1(&Verdict::valid(), "fresh"),
            json!({"version": 1, "isInvalid": false, "threatTypeCode": 0, "requestId": "fresh"})
        );
    }
}
