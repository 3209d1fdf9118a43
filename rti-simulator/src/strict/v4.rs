//! The JSON of v4.0 and v4.1.

use serde_json::{Map, Value};

use super::{Reason, value};
use crate::endpoint::Protocol;

/// The headers that a client may forward, and the fingerprints that ride along.
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

pub(super) fn check(protocol: Protocol, document: &Value) -> Result<(), Reason> {
    let members = object("the body", document)?;
    for (name, value) in members {
        match name.as_str() {
            "sCookie" if protocol == Protocol::V4_0 => {
                return Err("sCookie does not belong to 4.0".into());
            }
            "apiKey" | "tagHash" | "channel" | "customId1" | "customId2" | "customId3"
            | "customId4" | "pageViewId" | "clientUserId" | "duidCookie" | "pvidCookie"
            | "sCookie" => drop(text(name, value)?),
            "microTime" => at(
                name,
                value::epoch_time(text(name, value)?, 16, "microseconds"),
            )?,
            "isHeaderNamesOrdered" if value.is_boolean() => {}
            "isHeaderNamesOrdered" => return Err(format!("{name} is not a boolean")),
            "endUserParams" => check_end_user(object(name, value)?)?,
            _ => return Err(format!("the unknown member {name}")),
        }
    }
    match REQUIRED
        .into_iter()
        .find(|name| !members.contains_key(*name))
    {
        Some(missing) => Err(format!("the member {missing} is missing")),
        None => Ok(()),
    }
}

fn check_end_user(members: &Map<String, Value>) -> Result<(), Reason> {
    for (name, value) in members {
        let path = format!("endUserParams.{name}");
        match name.as_str() {
            "headers" => check_headers(object(&path, value)?)?,
            "clientIp" => at(&path, value::address(text(&path, value)?))?,
            "requestUrl" => at(&path, value::absolute_url(text(&path, value)?))?,
            "headerNames" => at(&path, value::header_names(text(&path, value)?))?,
            "method" => at(&path, value::method(text(&path, value)?))?,
            _ => return Err(format!("the unknown member {path}")),
        }
    }
    if !members.contains_key("method") {
        return Err("the member endUserParams.method is missing".into());
    }
    Ok(())
}

fn check_headers(members: &Map<String, Value>) -> Result<(), Reason> {
    for (name, value) in members {
        if ["cookie", "authorization"]
            .iter()
            .any(|secret| name.eq_ignore_ascii_case(secret))
        {
            return Err(format!("the header {name} must never be forwarded"));
        }
        if !HEADERS.contains(&name.as_str()) {
            return Err(format!("the header {name} is none of those to forward"));
        }
        text(&format!("endUserParams.headers.{name}"), value)?;
    }
    Ok(())
}

fn object<'a>(name: &str, value: &'a Value) -> Result<&'a Map<String, Value>, Reason> {
    value
        .as_object()
        .ok_or_else(|| format!("{name} is not an object"))
}

fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str, Reason> {
    match value.as_str() {
        None => Err(format!("{name} is not text")),
        Some(text) if text.trim().is_empty() => Err(format!("{name} is empty; leave it out")),
        Some(text) => Ok(text),
    }
}

fn at(name: &str, checked: Result<(), Reason>) -> Result<(), Reason> {
    checked.map_err(|why| format!("{name}: {why}"))
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

    fn reason(change: impl FnOnce(&mut Value)) -> Reason {
        let mut document = good();
        change(&mut document);
        check(Protocol::V4_1, &document).unwrap_err()
    }

    #[test]
    fn a_good_one_passes_and_4_0_knows_no_session_cookie() {
        check(Protocol::V4_1, &good()).unwrap();
        let early = check(Protocol::V4_0, &good()).unwrap_err();
        assert_eq!(early, "sCookie does not belong to 4.0");
    }

    #[test]
    fn each_required_member_must_be_there_and_say_something() {
        for name in REQUIRED {
            let missing = reason(|document| drop(document.as_object_mut().unwrap().remove(name)));
            assert_eq!(missing, format!("the member {name} is missing"));
            reason(|document| document[name] = json!(" "));
        }
        reason(|document| document["endUserParams"] = json!({}));
    }

    #[test]
    fn headers_beyond_the_list() {
        let forwarding =
            |name: &str| reason(|document| document["endUserParams"]["headers"][name] = json!("x"));
        assert_eq!(
            forwarding("cookie"),
            "the header cookie must never be forwarded"
        );
        assert_eq!(
            forwarding("Authorization"),
            "the header Authorization must never be forwarded"
        );
        assert_eq!(
            forwarding("x-other"),
            "the header x-other is none of those to forward"
        );
        assert_eq!(
            forwarding("User-Agent"),
            "the header User-Agent is none of those to forward"
        );
    }

    #[test]
    fn values_that_no_client_should_send() {
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
            let reason = reason(|document| document[name] = value);
            assert!(reason.contains(name), "{reason}");
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
            let reason = reason(|document| document["endUserParams"][name] = value);
            assert!(reason.contains(name), "{reason}");
        }
        assert_eq!(
            check(Protocol::V4_1, &json!([])).unwrap_err(),
            "the body is not an object"
        );
    }
}
