//! The request of a browser as it was recorded (wire-protocol, section 10), byte for byte.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::client::Request;
use crate::{Capability, Stage};

crate::suite::cases![
    the_recorded_browser_request_is_sent_byte_for_byte: speaks V1,
    a_payload_is_posted_as_a_form: speaks V1,
];

/// In the order they were sent, behind `Host`.
const HEADERS: [(&str, &str); 8] = [
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ),
    ("Accept", "text/html,application/xhtml+xml"),
    ("Accept-Language", "en-US,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Referer", "https://www.example.com/?q=a b"),
    ("Cookie", "a=1; _cheq_rti=c2Vzc2lvbg==; b=2"),
    ("X-Forwarded-For", "198.51.100.7, 203.0.113.9"),
    ("Upgrade-Insecure-Requests", "1"),
];

/// What the Python edition posted; the values that vary are in braces, and the trailing comma of
/// the header names is gone.
const BODY: &str = "EventType=page_load&ApiKey=k-1&TagHash=t-1&ResourceType=text%2Fhtml\
    &CheqCookie=c2Vzc2lvbg%3D%3D&Method=GET&ClientIP={ClientIP}\
    &RequestURL=http%3A%2F%2F127.0.0.1%3A9912%2Fsubscribe%3Fchannel%3Dsummer%2520sale\
    &RequestTime={RequestTime}&HeaderNames={HeaderNames}&Host=127.0.0.1%3A9912\
    &UserAgent=Mozilla%2F5.0+%28X11%3B+Linux+x86_64%3B+rv%3A140.0%29+Gecko%2F20100101+Firefox%2F140.0\
    &XForwardedFor=198.51.100.7%2C+203.0.113.9&Referer=https%3A%2F%2Fwww.example.com%2F%3Fq%3Da+b\
    &Accept=text%2Fhtml%2Capplication%2Fxhtml%2Bxml&AcceptEncoding=gzip%2C+deflate%2C+br\
    &AcceptLanguage=en-US%2Cen%3Bq%3D0.5&MiddlewareVersion={MiddlewareVersion}";

const HEADER_NAMES: &str = "Host%2CUser-Agent%2CAccept%2CAccept-Language%2CAccept-Encoding\
    %2CReferer%2CCookie%2CX-Forwarded-For%2CUpgrade-Insecure-Requests";

/// What is sent where the order is lost.
const SORTED_HEADER_NAMES: &str = "Accept%2CAccept-Encoding%2CAccept-Language%2CCookie%2CHost\
    %2CReferer%2CUpgrade-Insecure-Requests%2CUser-Agent%2CX-Forwarded-For";

async fn the_recorded_browser_request_is_sent_byte_for_byte(stage: Stage) {
    let names = if stage.can(Capability::HeaderOrder) {
        HEADER_NAMES
    } else {
        SORTED_HEADER_NAMES
    };
    let middleware = stage.harness().middleware();
    let site = stage.start().await;
    let request = Request::get("/subscribe?channel=summer%20sale")
        .without_headers()
        .header("Host", "127.0.0.1:9912");
    let request = HEADERS.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    let asked_at = now_in_millis();
    let payload = site.payload_of(&request).await;
    let time: u64 = payload.field("RequestTime").unwrap().parse().unwrap();
    assert!((asked_at..=now_in_millis()).contains(&time), "{time}");
    let expected = BODY
        .replace("{ClientIP}", "127.0.0.1")
        .replace("{RequestTime}", &time.to_string())
        .replace("{HeaderNames}", names)
        .replace("{MiddlewareVersion}", &middleware_version(middleware));
    assert_eq!(std::str::from_utf8(payload.body()).unwrap(), expected);
}

async fn a_payload_is_posted_as_a_form(stage: Stage) {
    let site = stage.start().await;
    site.get("/").await;
    let payload = site.payload();
    assert_eq!(payload.method(), "POST");
    assert_eq!(payload.path(), "/v1/realtime-interception");
    let content_type = payload.header("Content-Type");
    assert_eq!(content_type, Some("application/x-www-form-urlencoded"));
}

/// All crates are released together, so this one's version is the adapter's.
fn middleware_version(name: &str) -> String {
    format!("{name}{}", env!("CARGO_PKG_VERSION"))
}

fn now_in_millis() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since_epoch.as_millis().try_into().unwrap()
}
