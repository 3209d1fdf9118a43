//! The JSON of v4.0 and v4.1.

use serde_json::{Map, Value};

use super::value;
use crate::protocol::Protocol;
use crate::remark::{Remark, SpecRule};

/// The headers that a client may forward, and the fingerprints that are sent with them.
const HEADERS: [&str; 40] = [
    "user-agent",
    "host",
    "x-forwarded-for",
    "via",
    "referer",
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-charset",
    "origin",
    "x-requested-with",
    "connection",
    "pragma",
    "cache-control",
    "content-type",
    "from",
    "x-real-ip",
    "true-client-ip",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-fetch-storage-access",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-ch-ua-arch",
    "sec-ch-ua-model",
    "sec-ch-ua-full-version-list",
    "sec-ch-device-memory",
    "signature",
    "signature-agent",
    "signature-input",
    "cheq_ja3",
    "cheq_ja4",
    "cheq_ja3_sorted",
    "cheq_ip_tcp",
    "cheq_tls_cipher",
    "cheq_tls_version",
    "cheq_geo_region",
];

const REQUIRED: [&str; 5] = [
    "apiKey",
    "tagHash",
    "customId1",
    "microTime",
    "endUserParams",
];

pub(super) fn check(protocol: Protocol, members: &Map<String, Value>, remarks: &mut Vec<Remark>) {
    for (name, value) in members {
        match name.as_str() {
            "sCookie" if protocol == Protocol::V4_0 => {
                remarks.push(Remark::new(name, SpecRule::Known));
            }
            "apiKey" | "tagHash" | "channel" | "customId1" | "customId2" | "customId3"
            | "customId4" | "pageViewId" | "clientUserId" | "duidCookie" | "pvidCookie"
            | "sCookie" => check_text(name, SpecRule::Text, value, remarks),
            "microTime" => check_text(name, SpecRule::Microseconds, value, remarks),
            "isHeaderNamesOrdered" if value.is_boolean() => {}
            "isHeaderNamesOrdered" => remarks.push(Remark::new(name, SpecRule::Boolean)),
            "endUserParams" => match value.as_object() {
                Some(members) => check_end_user(members, remarks),
                None => remarks.push(Remark::new(name, SpecRule::Object)),
            },
            _ => remarks.push(Remark::new(name, SpecRule::Known)),
        }
    }
    let missing = REQUIRED
        .into_iter()
        .filter(|name| !members.contains_key(*name));
    remarks.extend(missing.map(|name| Remark::new(name, SpecRule::Required)));
}

fn check_end_user(members: &Map<String, Value>, remarks: &mut Vec<Remark>) {
    for (name, value) in members {
        let path = format!("endUserParams.{name}");
        let rule = match name.as_str() {
            "clientIp" => SpecRule::IpAddress,
            "requestUrl" => SpecRule::AbsoluteUrl,
            "headerNames" => SpecRule::HeaderNames,
            "method" => SpecRule::Method,
            "headers" => {
                match value.as_object() {
                    Some(headers) => check_headers(headers, remarks),
                    None => remarks.push(Remark::new(path, SpecRule::Object)),
                }
                continue;
            }
            _ => {
                remarks.push(Remark::new(path, SpecRule::Known));
                continue;
            }
        };
        check_text(&path, rule, value, remarks);
    }
    if !members.contains_key("method") {
        remarks.push(Remark::new("endUserParams.method", SpecRule::Required));
    }
}

fn check_headers(headers: &Map<String, Value>, remarks: &mut Vec<Remark>) {
    for (name, value) in headers {
        let path = format!("endUserParams.headers.{name}");
        let is_secret = ["cookie", "authorization"]
            .iter()
            .any(|secret| name.eq_ignore_ascii_case(secret));
        if is_secret {
            remarks.push(Remark::new(path, SpecRule::NotForwarded));
        } else if !HEADERS.contains(&name.as_str()) {
            remarks.push(Remark::new(path, SpecRule::Forwarded));
        } else {
            check_text(&path, SpecRule::Text, value, remarks);
        }
    }
}

fn check_text(name: &str, rule: SpecRule, value: &Value, remarks: &mut Vec<Remark>) {
    match value.as_str() {
        None => remarks.push(Remark::new(name, SpecRule::Text)),
        Some(text) if text.trim().is_empty() => {
            remarks.push(Remark::new(name, SpecRule::NotEmpty));
        }
        Some(text) => value::check(name, rule, text, remarks),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "apiKey": "k-1",
            "tagHash": "t-1",
            "customId1": "page_load",
            "microTime": "1795370096002000",
            "isHeaderNamesOrdered": true,
            "sCookie": "s=1",
            "endUserParams": {
                "clientIp": "203.0.113.9",
                "requestUrl": "https://example.com/",
                "headerNames": "Host,User-Agent",
                "method": "GET",
                "headers": {"user-agent": "curl", "cheq_ja3": "abc"},
            },
        })
    }

    fn remarks(protocol: Protocol, document: &Value) -> Vec<String> {
        let mut remarks = Vec::new();
        check(protocol, document.as_object().unwrap(), &mut remarks);
        remarks.iter().map(ToString::to_string).collect()
    }

    fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut document = good();
        change(&mut document);
        remarks(Protocol::V4_1, &document)
    }

    #[test]
    fn a_good_document_passes_and_4_0_has_no_session_cookie() {
        let none: [&str; 0] = [];
        assert_eq!(remarks(Protocol::V4_1, &good()), none);
        assert_eq!(
            remarks(Protocol::V4_0, &good()),
            ["sCookie: unknown in this protocol version"]
        );
    }

    #[test]
    fn required_members_must_have_a_value() {
        for name in REQUIRED {
            let missing = changed(|document| drop(document.as_object_mut().unwrap().remove(name)));
            assert_eq!(missing, [format!("{name}: missing")]);
            let blank = changed(|document| document[name] = json!(" "));
            assert_eq!(blank.len(), 1, "{blank:?}");
        }
        assert_eq!(
            changed(|document| document["endUserParams"] = json!({})),
            ["endUserParams.method: missing"]
        );
    }

    #[test]
    fn headers_beyond_the_list() {
        let forwarding = |name: &str| {
            changed(|document| document["endUserParams"]["headers"][name] = json!("x"))
        };
        for name in ["cookie", "Authorization"] {
            let expected =
                format!("endUserParams.headers.{name}: a header that must never be forwarded");
            assert_eq!(forwarding(name), [expected]);
        }
        for name in ["x-other", "User-Agent"] {
            let expected = format!("endUserParams.headers.{name}: not a header that is forwarded");
            assert_eq!(forwarding(name), [expected]);
        }
    }

    #[test]
    fn each_wrong_value_is_remarked_on() {
        for (name, value) in [
            ("channel", json!("")),
            ("channel", json!(null)),
            ("customId2", json!(7)),
            ("microTime", json!(1_795_370_096_002_000_u64)),
            ("microTime", json!("1795370096002")),
            ("isHeaderNamesOrdered", json!("true")),
            ("endUserParams", json!([])),
            ("unheardOf", json!("x")),
        ] {
            let remarks = changed(|document| document[name] = value);
            assert!(
                remarks.len() == 1 && remarks[0].contains(name),
                "{remarks:?}"
            );
        }
        for (name, value) in [
            ("clientIp", json!("::g")),
            ("requestUrl", json!("/path")),
            ("headerNames", json!("Host,")),
            ("headerNames", json!(["Host"])),
            ("method", json!("")),
            ("headers", json!("Host")),
            ("unheardOf", json!("x")),
        ] {
            let remarks = changed(|document| document["endUserParams"][name] = value);
            assert!(
                remarks.len() == 1 && remarks[0].contains(name),
                "{remarks:?}"
            );
        }
    }
}
