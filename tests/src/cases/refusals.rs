//! No visitor can make a payload that the service refuses: that would be a way past it.

use crate::client::Request;
use crate::{Site, Stage};
use rti_simulator::Verdict;

crate::suite::cases![
    odd_hosts_do_not_spoil_the_payload,
    odd_targets_do_not_spoil_the_payload,
    blank_values_do_not_spoil_the_payload,
    odd_cookies_do_not_spoil_the_payload,
    odd_header_names_do_not_spoil_the_payload,
    odd_versions_do_not_spoil_the_payload,
];

/// Everyone is a bot: who is served got past the service.
async fn bots(stage: Stage) -> Site {
    let stage =
        stage.configure(|config| config.channel(|request| request.query_parameter("channel")));
    stage.blocking().answer(Verdict::threat(3)).start().await
}

/// Every request is blocked, or refused by the server itself as no HTTP: none is served unchecked.
async fn assert_none_gets_past(stage: Stage, requests: Vec<Request>) {
    let site = bots(stage).await;
    let mut past = Vec::new();
    for request in requests {
        let asked = site.calls();
        let response = site.send(&request).await;
        let is_refused = response.status == 400 && site.calls() == asked;
        if !is_refused && response.status != 403 {
            past.push(String::from_utf8_lossy(&request.bytes()).into_owned());
        }
    }
    assert!(past.is_empty(), "served unchecked: {past:#?}");
}

async fn odd_hosts_do_not_spoil_the_payload(stage: Stage) {
    let hosts = [
        "",
        "shop.example:",
        "shop.example:99999",
        "shop.example:port",
        "[::1]:8080",
        "[::1",
        "user:password@shop.example",
        "shop.example/path?x#y",
        "shop.example, evil.example",
        "a b",
        "%zz",
        "<shop>",
        "..",
        "xn--\u{fc}",
    ];
    let bare = || Request::get("/").without_headers();
    let requests = hosts.map(|host| bare().header("Host", host));
    assert_none_gets_past(stage, requests.into()).await;
}

async fn odd_targets_do_not_spoil_the_payload(stage: Stage) {
    let targets = [
        "/%zz",
        "/%",
        "/a|b^c`{d}\"e",
        "/?a=\"<>`{}|^",
        "//",
        "///x",
        "/?",
        "/\u{fc}?\u{fc}",
        "/about?channel=%20",
        "/about?channel=%00",
        "/about?channel=%E3%80%80",
        "/about?channel=%ff",
        "http://shop.example",
        "http://shop.example:0/",
        "http://user@shop.example/",
        "https://shop.example/",
        "ftp://shop.example/",
    ];
    let requests = targets.map(Request::get);
    assert_none_gets_past(stage, requests.into()).await;
}

async fn blank_values_do_not_spoil_the_payload(stage: Stage) {
    let values: [&[u8]; 6] = [b"", b" ", b"\t", b"\xc2\xa0", b"\xe3\x80\x80", b"\xff"];
    let names = [
        "User-Agent",
        "Referer",
        "Accept",
        "X-Forwarded-For",
        "Request-Id",
    ];
    let with = |name, value| Request::get("/").header(name, value);
    let requests = names
        .into_iter()
        .flat_map(|name| values.map(|value| with(name, value)));
    assert_none_gets_past(stage, requests.collect()).await;
}

async fn odd_cookies_do_not_spoil_the_payload(stage: Stage) {
    let (name, _) = stage.session_cookie();
    let own = format!("{name}=x");
    let values = [
        "",
        " ",
        "\u{a0}",
        &own,
        "\"quoted\"",
        "a,b",
        "=",
        "%00",
        "\u{fc}",
    ];
    let requests = values.map(|value| {
        let cookie = format!("{name}={value}");
        Request::get("/").header("Cookie", cookie)
    });
    assert_none_gets_past(stage, requests.into()).await;
}

async fn odd_header_names_do_not_spoil_the_payload(stage: Stage) {
    let names = ["x_y", "X.Y", "!#$%&'*+-.^_`|~", "1", "-", "x--y-"];
    let requests = names.map(|name| Request::get("/").header(name, "1"));
    assert_none_gets_past(stage, requests.into()).await;
}

async fn odd_versions_do_not_spoil_the_payload(stage: Stage) {
    let old = Request::get("/").http10();
    let bare = old.clone().without_headers();
    assert_none_gets_past(stage, vec![old, bare]).await;
}
