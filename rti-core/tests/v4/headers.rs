//! Which headers travel: those of the list, whatever their case, and no others.

use std::collections::BTreeSet;

use crate::visitor::{BOTH, Visitor, config, names, request_sent};

const LISTED: [&str; 33] = [
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
];

/// Credentials, what other protocols send, names that are nearly those of the list, and what only
/// this project writes.
const OTHERS: [&str; 23] = [
    "cookie",
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "x-csrf-token",
    "set-cookie",
    "forwarded",
    "remote-addr",
    "request-id",
    "x-request-id",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-cheq-rti-host",
    "x-cheq-rti-result",
    "dnt",
    "user_agent",
    "sec-ch-ua-full-version",
    "sec-ch-ua-bitness",
    "x-user-agent",
    "signature-inputs",
    "cheq_ja3",
    "cheq_ja4",
    "cheq_ip_tcp",
];

const FINGERPRINTS: [&str; 7] = [
    "cheq_ja3",
    "cheq_ja4",
    "cheq_ja3_sorted",
    "cheq_ip_tcp",
    "cheq_tls_cipher",
    "cheq_tls_version",
    "cheq_geo_region",
];

fn value_of(name: &str) -> String {
    match name {
        "host" => "shop.example".to_owned(),
        _ => format!("value of {name}"),
    }
}

#[tokio::test]
async fn listed_headers_travel_in_lower_case() {
    for version in BOTH {
        for upper_case in [false, true] {
            let headers = LISTED.map(|name| {
                let sent = if upper_case {
                    name.to_ascii_uppercase()
                } else {
                    name.to_owned()
                };
                (sent, value_of(name))
            });
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let sent = request_sent(config(version), &Visitor::with(&headers)).await;
            let document = sent.document();
            let sent = &document["endUserParams"]["headers"];
            for name in LISTED {
                assert_eq!(sent[name], value_of(name));
            }
            assert_eq!(names(sent).len(), LISTED.len());
        }
    }
}

/// Their names are told among all names; what they say appears nowhere.
#[tokio::test]
async fn other_headers_and_credentials_never_travel() {
    let headers = OTHERS.map(|name| (name, "a secret=of-the-visitor"));
    for version in BOTH {
        let sent = request_sent(config(version), &Visitor::with(&headers)).await;
        assert!(!sent.body.contains("secret"), "{}", sent.body);
        let document = sent.document();
        assert_eq!(document["endUserParams"]["headers"], serde_json::json!({}));
        assert_eq!(document["endUserParams"]["headerNames"], OTHERS.join(","));
    }
}

/// And a client that sends headers under their names is not heard.
#[tokio::test]
async fn fingerprints_ride_among_the_headers() {
    let forged = FINGERPRINTS.map(|name| (name, "forged"));
    for version in BOTH {
        let told = |name: &'static str| Some(format!("the site's {name}"));
        let config = config(version)
            .ja3(move |_| told("cheq_ja3"))
            .ja4(move |_| told("cheq_ja4"))
            .ja3_sorted(move |_| told("cheq_ja3_sorted"))
            .ip_tcp(move |_| told("cheq_ip_tcp"))
            .tls_cipher(move |_| told("cheq_tls_cipher"))
            .tls_version(move |_| told("cheq_tls_version"))
            .geo_region(move |_| told("cheq_geo_region"));
        let request = request_sent(config, &Visitor::with(&forged)).await;
        let document = request.document();
        let sent = &document["endUserParams"]["headers"];
        for name in FINGERPRINTS {
            assert_eq!(sent[name], format!("the site's {name}"));
        }
        let sent: BTreeSet<_> = names(sent).into_iter().collect();
        assert_eq!(sent, BTreeSet::from(FINGERPRINTS));
        assert!(!request.body.contains("forged"), "{}", request.body);
    }
}
