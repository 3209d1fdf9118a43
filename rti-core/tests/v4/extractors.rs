//! Closures of the site run where their protocol has a place for what they tell, and nowhere else:
//! the same application may speak either protocol.

use std::sync::{Arc, Mutex};

use rti_core::{ApiVersion, ConfigBuilder, RtiRequest};

use crate::visitor::{Visitor, config, request_sent};

type Ran = Arc<Mutex<Vec<&'static str>>>;

fn noting(
    ran: Ran,
    name: &'static str,
) -> impl Fn(&dyn RtiRequest) -> Option<String> + Send + Sync + 'static {
    move |_| {
        ran.lock().unwrap().push(name);
        Some(format!("told-by-{name}"))
    }
}

fn all(config: ConfigBuilder, ran: &Ran) -> ConfigBuilder {
    let note = |name| noting(Arc::clone(ran), name);
    config
        .resource_type(note("resource_type"))
        .channel(note("channel"))
        .ja3(note("ja3"))
        .ja4(note("ja4"))
        .ja3_sorted(note("ja3_sorted"))
        .ip_tcp(note("ip_tcp"))
        .tls_cipher(note("tls_cipher"))
        .tls_version(note("tls_version"))
        .geo_region(note("geo_region"))
        .custom_id3(note("custom_id3"))
        .custom_id4(note("custom_id4"))
        .client_user_id(note("client_user_id"))
        .page_view_id(note("page_view_id"))
}

#[tokio::test]
async fn those_of_the_other_protocol_are_not_run() {
    let v1 = ["resource_type", "channel", "ja3"];
    let v4 = [
        "channel",
        "ja3",
        "ja4",
        "ja3_sorted",
        "ip_tcp",
        "tls_cipher",
        "tls_version",
        "geo_region",
        "custom_id3",
        "custom_id4",
        "client_user_id",
        "page_view_id",
    ];
    for (version, expected) in [
        (ApiVersion::V1, &v1[..]),
        (ApiVersion::V3, &v1),
        (ApiVersion::V4_0, &v4),
        (ApiVersion::V4_1, &v4),
    ] {
        let ran = Ran::default();
        let sent = request_sent(all(config(version), &ran), &Visitor::with(&[])).await;
        assert_eq!(*ran.lock().unwrap(), expected, "{version:?}");
        // What ran was worth it: each value travels, once.
        assert_eq!(sent.body.matches("told-by-").count(), expected.len());
        for name in expected {
            let told = format!("told-by-{name}");
            assert!(sent.body.contains(&told), "{version:?}: {told}");
        }
    }
}

/// A closure set again replaces the one before.
#[tokio::test]
async fn the_last_of_a_kind_is_the_one_that_runs() {
    let ran = Ran::default();
    let config = config(ApiVersion::V4_1)
        .ja4(noting(Arc::clone(&ran), "first"))
        .ja4(noting(Arc::clone(&ran), "second"));
    let sent = request_sent(config, &Visitor::with(&[])).await;
    assert_eq!(*ran.lock().unwrap(), ["second"]);
    assert!(sent.body.contains("told-by-second"));
}
