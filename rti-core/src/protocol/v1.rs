//! Protocols v1 and v3: a form in the order the Python edition writes it, and a flat JSON response.

use bytes::Bytes;
use serde::Deserialize;

use super::body::Name;
use super::form::{Form, field, first};
use super::parsed;
use crate::error::CallError;
use crate::extractors::Extracted;
use crate::known_headers::KnownHeader as H;
use crate::payload::{Payload, SessionCookie};
use crate::threat_type::ThreatType;
use crate::verdict::{Lenient, Verdict, request_id, service_cookie};

static HEADER_FIELDS: [(Name, H); 17] = [
    (field("UserAgent"), H::UserAgent),
    (field("XForwardedFor"), H::XForwardedFor),
    (field("Referer"), H::Referer),
    (field("Accept"), H::Accept),
    (field("AcceptEncoding"), H::AcceptEncoding),
    (field("AcceptLanguage"), H::AcceptLanguage),
    (field("AcceptCharset"), H::AcceptCharset),
    (field("Origin"), H::Origin),
    (field("XRequestedWith"), H::XRequestedWith),
    (field("Connection"), H::Connection),
    (field("Pragma"), H::Pragma),
    (field("CacheControl"), H::CacheControl),
    (field("ContentType"), H::ContentType),
    (field("TrueClientIP"), H::TrueClientIp),
    (field("XRealIP"), H::XRealIp),
    (field("RemoteAddr"), H::RemoteAddr),
    (field("Forwarded"), H::Forwarded),
];

pub(super) fn carries(header: H) -> bool {
    matches!(header, H::Host | H::RequestId)
        || HEADER_FIELDS.iter().any(|(_, field)| *field == header)
}

pub(crate) struct Encoder {
    /// Key and hash, encoded once.
    credentials: Bytes,
    check: Check,
}

/// Which check the service is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// v1.
    Usual,
    /// v3.
    Extended,
}

impl Encoder {
    pub(super) fn new(api_key: &str, tag_hash: &str, check: Check) -> Self {
        let mut form = Form::with_capacity(128);
        form.field(const { &first("ApiKey") }, api_key);
        form.field(const { &field("TagHash") }, tag_hash);
        Self {
            credentials: form.finish(),
            check,
        }
    }

    pub(super) fn encode(&self, payload: &Payload) -> Bytes {
        // Encoding makes about a fifth of a browser's text longer, to three bytes each; the rest
        // is the names of the fields.
        let mut form =
            Form::with_capacity(512 + self.credentials.len() + payload.text_len() * 3 / 2);
        form.field(const { &first("EventType") }, payload.event_type.as_str());
        form.encoded(&self.credentials);
        form.field(
            const { &field("ResourceType") },
            payload
                .extracted(Extracted::ResourceType)
                .unwrap_or("text/html"),
        );
        form.field(
            const { &field("CheqCookie") },
            payload.cookie(SessionCookie::CheqRti),
        );
        form.field(const { &field("Method") }, payload.method());
        if let Some(ip) = payload.client_ip {
            form.address(const { &field("ClientIP") }, ip);
        }
        form.field(const { &field("RequestURL") }, payload.request_url());
        form.number(const { &field("RequestTime") }, payload.time / 1000);
        form.field(const { &field("HeaderNames") }, payload.header_names());
        form.field(const { &field("Host") }, payload.host());
        for (name, header) in &HEADER_FIELDS {
            form.field(name, payload.header(*header));
        }
        form.field(const { &field("JA3") }, payload.extracted(Extracted::Ja3));
        form.field(
            const { &field("Channel") },
            payload.extracted(Extracted::Channel),
        );
        form.field(const { &field("RequestId") }, payload.header(H::RequestId));
        form.field(const { &field("MiddlewareVersion") }, payload.middleware);
        if self.check == Check::Extended {
            form.encoded(b"IsExtended=1");
        }
        form.finish()
    }
}

#[derive(Deserialize)]
struct Response {
    #[serde(rename = "isInvalid")]
    is_invalid: bool,
    #[serde(rename = "threatTypeCode")]
    threat_type_code: i64,
    #[serde(rename = "requestId", default)]
    request_id: Lenient<String>,
    #[serde(rename = "setCookie", default)]
    set_cookie: Lenient<String>,
}

pub(super) fn decode(response: &[u8]) -> Result<Verdict, CallError> {
    let response: Response = parsed(response)?;
    Ok(Verdict {
        is_invalid: response.is_invalid,
        threat_type: ThreatType::from_code(response.threat_type_code),
        request_id: response.request_id.0.and_then(request_id),
        set_cookie: response.set_cookie.0.and_then(service_cookie),
        extended: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FailOpenReason;

    #[test]
    fn a_whole_answer() {
        let verdict = decode(
            br#"{"version":1,"isInvalid":true,"threatTypeCode":3,"requestId":"r\u002d1","setCookie":"_cheq_rti=x; Path=/","new":{}}"#,
        )
        .unwrap();
        assert!(verdict.is_invalid());
        assert_eq!(verdict.threat_type(), ThreatType::AutomationTools);
        assert_eq!(verdict.request_id(), Some("r-1"));
        assert_eq!(verdict.set_cookie(), Some("_cheq_rti=x; Path=/"));
    }

    #[test]
    fn what_a_verdict_can_do_without() {
        for rest in [
            "",
            r#","requestId":null,"setCookie":null"#,
            r#","requestId":"","setCookie":"""#,
            r#","requestId":7,"setCookie":{"a":[1]}"#,
            r#","setCookie":"a=1\r\nX: y""#,
        ] {
            let verdict =
                decode(format!(r#"{{"isInvalid":false,"threatTypeCode":0{rest}}}"#).as_bytes())
                    .unwrap();
            assert_eq!(
                (verdict.request_id(), verdict.set_cookie()),
                (None, None),
                "{rest}"
            );
        }
    }

    #[test]
    fn what_it_cannot_do_without() {
        for response in [
            "",
            "not json",
            "[]",
            "{}",
            r#"{"isInvalid":true}"#,
            r#"{"threatTypeCode":0}"#,
            r#"{"isInvalid":"true","threatTypeCode":3}"#,
            r#"{"isInvalid":1,"threatTypeCode":3}"#,
            r#"{"isInvalid":null,"threatTypeCode":3}"#,
            r#"{"isInvalid":true,"threatTypeCode":"3"}"#,
            r#"{"isInvalid":true,"threatTypeCode":null}"#,
            r#"{"isInvalid":true,"threatTypeCode":3.5}"#,
            r#"{"isInvalid":true,"threatTypeCode":3"#,
            r#"{"isInvalid":true,"threatTypeCode":3} trailing"#,
        ] {
            assert_eq!(
                decode(response.as_bytes()).unwrap_err().kind(),
                FailOpenReason::Malformed,
                "{response}"
            );
        }
    }
}
