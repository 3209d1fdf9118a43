//! The form of v1 and v3.

use std::collections::HashSet;

use super::value;
use crate::protocol::Protocol;
use crate::remark::{Remark, SpecRule};

/// Every field of v1 and v3; `IsExtended` belongs to v3 only.
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

/// What every client knows of every request. An address, a host or a URL may be unknown.
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

pub(super) fn check(protocol: Protocol, fields: &[(String, String)], remarks: &mut Vec<Remark>) {
    let mut seen = HashSet::new();
    for (name, value) in fields {
        let belongs_here = name != IS_EXTENDED || protocol == Protocol::V3;
        if !belongs_here || !FIELDS.contains(&name.as_str()) {
            remarks.push(Remark::new(name, SpecRule::Known));
        } else if !seen.insert(name.as_str()) {
            remarks.push(Remark::new(name, SpecRule::NotRepeated));
        } else if value.trim().is_empty() {
            remarks.push(Remark::new(name, SpecRule::NotEmpty));
        } else {
            check_value(name, value, remarks);
        }
    }
    let extended = (protocol == Protocol::V3).then_some(IS_EXTENDED);
    let required = REQUIRED.into_iter().chain(extended);
    let missing = required.filter(|name| !seen.contains(name));
    remarks.extend(missing.map(|name| Remark::new(name, SpecRule::Required)));
}

fn check_value(name: &str, value: &str, remarks: &mut Vec<Remark>) {
    let rule = match name {
        "ClientIP" => SpecRule::IpAddress,
        "RequestURL" => SpecRule::AbsoluteUrl,
        "RequestTime" => SpecRule::Milliseconds,
        "HeaderNames" => SpecRule::HeaderNames,
        "Method" => SpecRule::Method,
        "CheqCookie" if value.starts_with("_cheq_rti=") => {
            return remarks.push(Remark::new(name, SpecRule::CookieValue));
        }
        IS_EXTENDED if value != "1" => {
            return remarks.push(Remark::new(name, SpecRule::One).with_value(value));
        }
        _ => return,
    };
    value::check(name, rule, value, remarks);
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

    fn remarks(protocol: Protocol, fields: &[(&str, &str)]) -> Vec<String> {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let mut remarks = Vec::new();
        let fields: Vec<_> = fields.iter().map(owned).collect();
        check(protocol, &fields, &mut remarks);
        remarks.iter().map(ToString::to_string).collect()
    }

    fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
        let mut fields: Vec<_> = GOOD.into_iter().filter(|field| field.0 != name).collect();
        fields.push((name, value));
        fields
    }

    #[test]
    fn a_good_form_passes_in_its_version_only() {
        let none: [&str; 0] = [];
        assert_eq!(remarks(Protocol::V1, &GOOD), none);
        assert_eq!(remarks(Protocol::V3, &with("IsExtended", "1")), none);
        assert_eq!(remarks(Protocol::V3, &GOOD), ["IsExtended: missing"]);
        assert_eq!(
            remarks(Protocol::V1, &with("IsExtended", "1")),
            ["IsExtended: unknown in this protocol version"]
        );
        assert_eq!(
            remarks(Protocol::V3, &with("IsExtended", "true")),
            ["IsExtended: \"true\" is not 1"]
        );
    }

    #[test]
    fn required_fields_must_have_a_value() {
        for name in REQUIRED {
            let without: Vec<_> = GOOD.into_iter().filter(|field| field.0 != name).collect();
            assert_eq!(
                remarks(Protocol::V1, &without),
                [format!("{name}: missing")]
            );
            assert_eq!(
                remarks(Protocol::V1, &with(name, " ")),
                [format!("{name}: empty, must be left out")]
            );
        }
    }

    #[test]
    fn each_wrong_value_is_remarked_on() {
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
            let remarks = remarks(Protocol::V1, &with(name, value));
            assert!(
                remarks.len() == 1 && remarks[0].starts_with(name),
                "{value}: {remarks:?}"
            );
        }
        let mut twice = GOOD.to_vec();
        twice.push(("Method", "GET"));
        assert_eq!(
            remarks(Protocol::V1, &twice),
            ["Method: sent more than once"]
        );
    }
}
