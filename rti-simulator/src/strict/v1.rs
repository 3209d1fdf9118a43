//! The form of v1 and v3.

use std::collections::HashSet;

use super::{Reason, value};
use crate::endpoint::Protocol;

/// Every field of v1. v3 has `IsExtended` besides.
const FIELDS: [&str; 33] = [
    "EventType",
    "ApiKey",
    "TagHash",
    "ResourceType",
    "CheqCookie",
    "Method",
    "ClientIP",
    "RequestURL",
    "RequestTime",
    "HeaderNames",
    "Host",
    "UserAgent",
    "XForwardedFor",
    "Referer",
    "Accept",
    "AcceptEncoding",
    "AcceptLanguage",
    "AcceptCharset",
    "Origin",
    "XRequestedWith",
    "Connection",
    "Pragma",
    "CacheControl",
    "ContentType",
    "TrueClientIP",
    "XRealIP",
    "RemoteAddr",
    "Forwarded",
    "JA3",
    "Channel",
    "RequestId",
    "MiddlewareVersion",
    IS_EXTENDED,
];

/// What every client knows of every request. An address, a host or a URL it may lack.
const REQUIRED: [&str; 7] = [
    "EventType",
    "ApiKey",
    "TagHash",
    "ResourceType",
    "Method",
    "RequestTime",
    "MiddlewareVersion",
];

const IS_EXTENDED: &str = "IsExtended";

pub(super) fn check(protocol: Protocol, fields: &[(String, String)]) -> Result<(), Reason> {
    let mut seen = HashSet::new();
    for (name, text) in fields {
        let is_known = FIELDS.contains(&name.as_str());
        if !is_known || (name == IS_EXTENDED && protocol != Protocol::V3) {
            return Err(format!("the unknown field {name}"));
        }
        if !seen.insert(name.as_str()) {
            return Err(format!("the field {name} twice"));
        }
        if text.trim().is_empty() {
            return Err(format!("the field {name} is empty; leave it out"));
        }
        check_value(name, text).map_err(|why| format!("{name}: {why}"))?;
    }
    if let Some(missing) = REQUIRED.into_iter().find(|name| !seen.contains(name)) {
        return Err(format!("the field {missing} is missing"));
    }
    if protocol == Protocol::V3 && !seen.contains(IS_EXTENDED) {
        return Err("the field IsExtended is missing".into());
    }
    Ok(())
}

fn check_value(name: &str, text: &str) -> Result<(), Reason> {
    match name {
        "ClientIP" => value::address(text),
        "RequestURL" => value::absolute_url(text),
        "RequestTime" => value::epoch_time(text, 13, "milliseconds"),
        "HeaderNames" => value::header_names(text),
        "Method" => value::method(text),
        "CheqCookie" if text.starts_with("_cheq_rti=") => Err("the name belongs not to it".into()),
        IS_EXTENDED if text != "1" => Err(format!("{text:?} is not 1")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 11] = [
        ("EventType", "page_load"),
        ("ApiKey", "k-1"),
        ("TagHash", "t-1"),
        ("ResourceType", "text/html"),
        ("CheqCookie", "c2Vzc2lvbg=="),
        ("Method", "GET"),
        ("ClientIP", "203.0.113.9"),
        (
            "RequestURL",
            "http://127.0.0.1:9912/subscribe?channel=summer%20sale",
        ),
        ("RequestTime", "1795370096002"),
        ("HeaderNames", "Host,User-Agent,Accept"),
        ("MiddlewareVersion", "rust_axum_0.1.0"),
    ];

    fn verdict(protocol: Protocol, fields: &[(&str, &str)]) -> Result<(), Reason> {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        check(protocol, &fields.iter().map(owned).collect::<Vec<_>>())
    }

    fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
        let mut fields: Vec<_> = GOOD.into_iter().filter(|field| field.0 != name).collect();
        fields.push((name, value));
        fields
    }

    #[test]
    fn a_good_one_passes_in_its_version_alone() {
        verdict(Protocol::V1, &GOOD).unwrap();
        verdict(Protocol::V3, &with("IsExtended", "1")).unwrap();
        let bare = verdict(Protocol::V3, &GOOD).unwrap_err();
        assert_eq!(bare, "the field IsExtended is missing");
        let extended = verdict(Protocol::V1, &with("IsExtended", "1")).unwrap_err();
        assert_eq!(extended, "the unknown field IsExtended");
        verdict(Protocol::V3, &with("IsExtended", "true")).unwrap_err();
    }

    #[test]
    fn each_required_field_must_be_there_and_say_something() {
        for name in REQUIRED {
            let without: Vec<_> = GOOD.into_iter().filter(|field| field.0 != name).collect();
            let missing = verdict(Protocol::V1, &without).unwrap_err();
            assert_eq!(missing, format!("the field {name} is missing"));
            let blank = verdict(Protocol::V1, &with(name, " ")).unwrap_err();
            assert_eq!(blank, format!("the field {name} is empty; leave it out"));
        }
    }

    #[test]
    fn values_that_no_client_should_send() {
        for (name, value) in [
            ("ClientIP", "203.0.113.9:4711"),
            ("ClientIP", "localhost"),
            ("RequestURL", "/subscribe"),
            ("RequestURL", "example.com/subscribe"),
            ("RequestURL", "mailto:someone@example.com"),
            ("RequestURL", "https://example.com/#top"),
            ("RequestTime", "20261122175455"),
            ("RequestTime", "1795370096"),
            ("RequestTime", "179537009600x"),
            ("HeaderNames", "Host,Accept,"),
            ("HeaderNames", "Host, Accept"),
            ("HeaderNames", "Host,,Accept"),
            ("Method", "GET /"),
            ("CheqCookie", "_cheq_rti=c2Vzc2lvbg=="),
            ("Pragma", ""),
            ("Unheard", "of"),
        ] {
            let reason = verdict(Protocol::V1, &with(name, value)).unwrap_err();
            assert!(reason.contains(name), "{reason}");
        }
        let mut twice = GOOD.to_vec();
        twice.push(("Method", "GET"));
        assert_eq!(
            verdict(Protocol::V1, &twice).unwrap_err(),
            "the field Method twice"
        );
    }
}
