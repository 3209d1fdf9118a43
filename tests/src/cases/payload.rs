//! What is sent about a request, field by field (wire-protocol, section 2).

use crate::client::{HOST, Request};
use crate::{Capability, Site, Stage};

crate::suite::cases![
    fields_come_in_the_order_of_the_originals: speaks V1,
    absent_fields_are_left_out: speaks V1,
    empty_headers_count_as_absent: speaks V1,
    each_header_fills_its_field: speaks V1,
    the_session_cookie_travels_as_its_value,
    other_cookies_and_credentials_stay_here,
    the_method_is_sent_as_received,
    the_url_is_sent_as_received,
    the_url_of_an_absolute_target_is_its_own,
    user_names_and_passwords_in_a_target_are_not_sent,
    user_names_in_the_host_header_are_not_sent,
    a_broken_authority_of_a_target_leaves_the_host_to_the_header,
    a_fragment_is_not_sent,
];

/// Headers that have a field of their own, in the order of the fields.
const HEADER_FIELDS: [(&str, &str); 18] = [
    ("User-Agent", "UserAgent"),
    ("X-Forwarded-For", "XForwardedFor"),
    ("Referer", "Referer"),
    ("Accept", "Accept"),
    ("Accept-Encoding", "AcceptEncoding"),
    ("Accept-Language", "AcceptLanguage"),
    ("Accept-Charset", "AcceptCharset"),
    ("Origin", "Origin"),
    ("X-Requested-With", "XRequestedWith"),
    ("Connection", "Connection"),
    ("Pragma", "Pragma"),
    ("Cache-Control", "CacheControl"),
    ("Content-Type", "ContentType"),
    ("True-Client-IP", "TrueClientIP"),
    ("X-Real-IP", "XRealIP"),
    ("Remote-Addr", "RemoteAddr"),
    ("Forwarded", "Forwarded"),
    ("Request-Id", "RequestId"),
];

/// A value that a header of this name may have: some servers look at them.
fn value_of(name: &str) -> &'static str {
    match name {
        "Connection" => "keep-alive",
        "Content-Type" => "text/plain; charset=utf-8",
        "Accept" => "text/*;q=0.3, */*",
        "X-Real-IP" | "True-Client-IP" | "X-Forwarded-For" => "198.51.100.7",
        "Forwarded" => "for=198.51.100.7;proto=https",
        _ => "a value, with = and & and + and 100%",
    }
}

fn with_all_headers() -> Request {
    // Backwards, so that the order of the fields is not by chance that of the headers.
    let headers = HEADER_FIELDS.iter().rev();
    let request = Request::get("/").header("Cookie", "_cheq_rti=eA==");
    headers.fold(request, |request, (name, _)| {
        request.header(name, value_of(name))
    })
}

async fn fields_come_in_the_order_of_the_originals(stage: Stage) {
    let site = stage
        .configure(|config| {
            config
                .ja3(|_| Some("fingerprint".to_owned()))
                .channel(|_| Some("summer sale".to_owned()))
        })
        .start()
        .await;
    let payload = site.payload_of(&with_all_headers()).await;
    let names: Vec<&str> = payload
        .fields()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let expected = "EventType ApiKey TagHash ResourceType CheqCookie Method ClientIP RequestURL \
        RequestTime HeaderNames Host UserAgent XForwardedFor Referer Accept AcceptEncoding \
        AcceptLanguage AcceptCharset Origin XRequestedWith Connection Pragma CacheControl \
        ContentType TrueClientIP XRealIP RemoteAddr Forwarded JA3 Channel RequestId \
        MiddlewareVersion";
    assert_eq!(names.join(" "), expected);
}

async fn absent_fields_are_left_out(stage: Stage) {
    let site = stage.start().await;
    let payload = site.payload_of(&Request::get("/about")).await;
    let fields: Vec<(&str, &str)> = payload
        .fields()
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "RequestTime" | "MiddlewareVersion"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let expected = [
        ("EventType", "page_load"),
        ("ApiKey", "k-1"),
        ("TagHash", "t-1"),
        ("ResourceType", "text/html"),
        ("Method", "GET"),
        ("ClientIP", "127.0.0.1"),
        ("RequestURL", "http://shop.example/about"),
        ("HeaderNames", "Host"),
        ("Host", HOST),
    ];
    assert_eq!(fields, expected);
}

async fn empty_headers_count_as_absent(stage: Stage) {
    let site = stage.start().await;
    let request = Request::get("/")
        .header("User-Agent", "")
        .header("Cookie", "_cheq_rti=");
    let payload = site.payload_of(&request).await;
    assert_eq!(payload.field("UserAgent"), None);
    assert_eq!(payload.field("CheqCookie"), None);
}

async fn each_header_fills_its_field(stage: Stage) {
    let site = stage.start().await;
    for (header, field) in HEADER_FIELDS {
        let value = value_of(header);
        let payload = site
            .payload_of(&Request::get("/").header(header, value))
            .await;
        assert_eq!(payload.field(field).as_deref(), Some(value), "{header}");
    }
}

async fn the_session_cookie_travels_as_its_value(stage: Stage) {
    let (name, field) = stage.session_cookie();
    let site = stage.start().await;
    for (cookies, expected) in [
        ("_cheq_rti=c2Vzc2lvbg==", Some("c2Vzc2lvbg==")),
        ("a=1; _cheq_rti=x=y; b=2", Some("x=y")),
        ("a=1;_cheq_rti=tight;b=2", Some("tight")),
        ("_cheq_rti=first; _cheq_rti=second", Some("first")),
        ("_cheq_rti2=a; x_cheq_rti=b; _CHEQ_RTI=c", None),
        ("_cheq_rti", None),
        ("", None),
    ] {
        let cookies = cookies.replace("_cheq_rti", name);
        let cookies = cookies.replace("_CHEQ_RTI", &name.to_uppercase());
        let request = Request::get("/").header("Cookie", &cookies);
        let payload = site.payload_of(&request).await;
        assert_eq!(payload.field(field).as_deref(), expected, "{cookies}");
    }
}

async fn other_cookies_and_credentials_stay_here(stage: Stage) {
    let site = stage.start().await;
    let request = Request::get("/")
        .header(
            "Cookie",
            "session=secret-1; _cheq_rti2=secret-4; _cq_se=secret-5",
        )
        .header("Authorization", "Bearer secret-2")
        .header("X-Api-Key", "secret-3");
    let payload = site.payload_of(&request).await;
    let body = String::from_utf8_lossy(payload.body());
    assert!(!body.contains("secret"), "{body}");
}

async fn the_method_is_sent_as_received(stage: Stage) {
    let site = stage.start().await;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let payload = site.payload_of(&Request::new(method, "/")).await;
        assert_eq!(payload.field("Method").as_deref(), Some(method));
    }
}

async fn url(site: &Site, request: &Request) -> String {
    let payload = site.payload_of(request).await;
    payload.field("RequestURL").unwrap()
}

async fn the_url_is_sent_as_received(stage: Stage) {
    let site = stage.start().await;
    for target in [
        "/",
        "/subscribe?channel=summer%20sale",
        "/subscribe?",
        "/about?x=%2Fa%26b&x=+&y",
        "/a%2Fb/%7Euser",
        "/a/../b",
        "/about?next=http://www.example.com/?a=b",
    ] {
        let expected = format!("http://{HOST}{target}");
        assert_eq!(url(&site, &Request::get(target)).await, expected);
    }
}

async fn the_url_of_an_absolute_target_is_its_own(stage: Stage) {
    let told = stage.can(Capability::AbsoluteTargets);
    let site = stage.start().await;
    let target = "http://www.example.com:8080/about?x=1";
    let payload = site.payload_of(&Request::get(target)).await;
    let host = if told { "www.example.com:8080" } else { HOST };
    let url = format!("http://{host}/about?x=1");
    assert_eq!(payload.field("RequestURL"), Some(url));
    assert_eq!(payload.field("Host").as_deref(), Some(host));
}

/// A request without a URL is one that the service may refuse, and its visitor then goes unchecked.
async fn user_names_and_passwords_in_a_target_are_not_sent(stage: Stage) {
    let told = stage.can(Capability::AbsoluteTargets);
    let site = stage.start().await;
    for (target, host, path) in [
        ("http://x@www.example.com/", "www.example.com", "/"),
        (
            "http://x:secret@www.example.com:81/about?x=a@b",
            "www.example.com:81",
            "/about?x=a@b",
        ),
        ("http://x@[2001:db8::1]:81/", "[2001:db8::1]:81", "/"),
    ] {
        let payload = site.payload_of(&Request::get(target)).await;
        let host = if told { host } else { HOST };
        let url = format!("http://{host}{path}");
        assert_eq!(payload.field("RequestURL"), Some(url), "{target}");
        assert_eq!(payload.field("Host").as_deref(), Some(host), "{target}");
        let body = String::from_utf8_lossy(payload.body());
        assert!(!body.contains("secret"), "{body}");
    }
}

async fn user_names_in_the_host_header_are_not_sent(stage: Stage) {
    let site = stage.start().await;
    let request = Request::get("/about").without_headers();
    let response = site
        .send(&request.header("Host", "x:secret@shop.example"))
        .await;
    for payload in site.simulator.journal() {
        let url = payload.field("RequestURL");
        assert_eq!(
            url.as_deref(),
            Some("http://shop.example/about"),
            "{response:?}"
        );
        assert_eq!(payload.field("Host").as_deref(), Some("shop.example"));
    }
}

async fn a_broken_authority_of_a_target_leaves_the_host_to_the_header(stage: Stage) {
    let site = stage.start().await;
    for target in [
        "http://sh_op:99999/about",
        "http://x@/about",
        "http:///about",
        "http://a:80:80/about",
        "http://%20/about",
    ] {
        let asked = site.calls();
        let response = site.get(target).await;
        // A server may refuse such a target itself.
        if site.calls() == asked {
            assert_eq!(response.status, 400, "{target}");
            continue;
        }
        let payload = site.simulator.journal().pop().unwrap();
        let url = payload.field("RequestURL");
        assert_eq!(url, Some(format!("http://{HOST}/about")), "{target}");
    }
}

async fn a_fragment_is_not_sent(stage: Stage) {
    let site = stage.start().await;
    let response = site.get("/about?x=1#part").await;
    for payload in site.simulator.journal() {
        let url = payload.field("RequestURL").unwrap();
        assert_eq!(url, format!("http://{HOST}/about?x=1"), "{response:?}");
    }
}
