//! What a client sends too much of: it is cut, and it pushes nothing else out.

use crate::Stage;
use crate::client::Request;

crate::suite::cases![
    long_values_are_cut_between_characters,
    large_headers_push_nothing_out_that_matters,
];

async fn long_values_are_cut_between_characters(stage: Stage) {
    let site = stage.start().await;
    let (long, wide) = ("x".repeat(5000), format!("x{}", "é".repeat(2500)));
    let request = Request::get("/")
        .header("User-Agent", &long)
        .header("Referer", &wide)
        .header(
            "X-Forwarded-For",
            format!("{}203.0.113.9", "198.51.100.7, ".repeat(400)),
        );
    let payload = site.payload_of(&request).await;
    assert_eq!(payload.field("UserAgent").unwrap(), long[..4096]);
    let referer = payload.field("Referer").unwrap();
    assert!(
        referer.len() > 2000 && wide.starts_with(&referer),
        "{referer}"
    );
    let forwarded = payload.field("XForwardedFor").unwrap();
    assert_eq!(forwarded.len(), 4096);
    assert!(
        forwarded.ends_with("198.51.100.7, 203.0.113.9"),
        "proxies append"
    );
}

async fn large_headers_push_nothing_out_that_matters(stage: Stage) {
    let stage = stage.configure(|config| config.trusted_proxies(["127.0.0.0/8"]));
    let site = stage.start().await;
    // Quotes take three bytes each in a form.
    let large = "\"".repeat(4000);
    let request = [
        "Accept",
        "Accept-Language",
        "Origin",
        "Pragma",
        "Via",
        "From",
    ]
    .iter()
    .fold(Request::get("/about"), |request, name| {
        request.header(name, &large)
    })
    .header("User-Agent", "a browser")
    .header("X-Forwarded-For", "203.0.113.9");
    let payload = site.payload_of(&request).await;
    for (field, expected) in [
        ("ClientIP", "203.0.113.9"),
        ("RequestURL", "http://shop.example/about"),
        ("UserAgent", "a browser"),
    ] {
        assert_eq!(payload.field(field).as_deref(), Some(expected));
    }
}
