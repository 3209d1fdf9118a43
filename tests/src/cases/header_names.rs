//! `HeaderNames`: which headers came, in which order, in which case; and what the values were.

use crate::client::Request;
use crate::{Capability, Site, Stage};

crate::suite::cases![
    header_names_come_in_the_order_of_the_wire,
    header_names_have_the_case_of_the_wire_or_a_browsers,
    a_repeated_header_is_named_once_per_occurrence,
    repeated_headers_are_joined_as_a_list,
    cookies_are_looked_for_in_every_cookie_header,
    the_handler_sees_each_of_several_headers,
    values_that_are_not_utf8_arrive_as_text,
];

async fn names(site: &Site, request: &Request) -> String {
    let payload = site.payload_of(request).await;
    payload.field("HeaderNames").unwrap()
}

fn sorted(names: &str) -> String {
    let mut names: Vec<&str> = names.split(',').collect();
    names.sort_unstable();
    names.join(",")
}

async fn header_names_come_in_the_order_of_the_wire(stage: Stage) {
    let ordered = stage.can(Capability::HeaderOrder);
    let site = stage.start().await;
    for order in [
        "Host,User-Agent,Accept,Referer,Cookie,Origin,X-Custom,Accept-Language",
        "X-Custom,Accept-Language,Origin,Cookie,Referer,Accept,User-Agent,Host",
        "Accept,Host,Zebra,Aardvark,Cookie,User-Agent",
    ] {
        let request = order
            .split(',')
            .fold(Request::get("/").without_headers(), |request, name| {
                request.header(name, "shop.example")
            });
        let expected = if ordered {
            order.to_owned()
        } else {
            sorted(order)
        };
        assert_eq!(names(&site, &request).await, expected);
    }
}

async fn header_names_have_the_case_of_the_wire_or_a_browsers(stage: Stage) {
    let kept = stage.can(Capability::HeaderCase);
    let site = stage.start().await;
    let request = Request::get("/")
        .without_headers()
        .header("hOST", "shop.example")
        .header("user-agent", "x")
        .header("x-cUSTOM-header", "x");
    let expected = if kept {
        "hOST,user-agent,x-cUSTOM-header"
    } else {
        "Host,User-Agent,X-Custom-Header"
    };
    assert_eq!(names(&site, &request).await, expected);
}

async fn a_repeated_header_is_named_once_per_occurrence(stage: Stage) {
    let in_place = stage.can(Capability::RepeatedHeaderPlaces);
    let ordered = stage.can(Capability::HeaderOrder);
    let site = stage.start().await;
    let request = Request::get("/")
        .header("X-Two", "1")
        .header("Accept", "text/html")
        .header("X-Two", "2");
    let expected = match (in_place, ordered) {
        (true, _) => "Host,X-Two,Accept,X-Two",
        (false, true) => "Host,X-Two,X-Two,Accept",
        (false, false) => "Accept,Host,X-Two,X-Two",
    };
    assert_eq!(names(&site, &request).await, expected);
}

async fn repeated_headers_are_joined_as_a_list(stage: Stage) {
    let site = stage.start().await;
    let request = Request::get("/")
        .header("X-Forwarded-For", "198.51.100.7")
        .header("Accept", "text/html")
        .header("X-Forwarded-For", "203.0.113.9, 192.0.2.1")
        .header("Accept", "*/*");
    let payload = site.payload_of(&request).await;
    let forwarded = payload.field("XForwardedFor");
    let hops = "198.51.100.7, 203.0.113.9, 192.0.2.1";
    assert_eq!(forwarded.as_deref(), Some(hops));
    assert_eq!(payload.field("Accept").as_deref(), Some("text/html, */*"));
}

async fn cookies_are_looked_for_in_every_cookie_header(stage: Stage) {
    let (name, field) = stage.session_cookie();
    let site = stage.start().await;
    let request = Request::get("/")
        .header("Cookie", "a=1")
        .header("Cookie", format!("{name}=first"))
        .header("Cookie", format!("{name}=second"));
    let payload = site.payload_of(&request).await;
    assert_eq!(payload.field(field).as_deref(), Some("first"));
}

async fn the_handler_sees_each_of_several_headers(stage: Stage) {
    let site = stage.start().await;
    let request = Request::get("/headers")
        .header("X-Two", "1")
        .header("Accept", "text/html")
        .header("X-Two", "2");
    let seen = site.send(&request).await.json();
    let values: Vec<&str> = seen
        .as_array()
        .unwrap()
        .iter()
        .filter(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case("x-two"))
        .map(|pair| pair[1].as_str().unwrap())
        .collect();
    assert_eq!(values, ["1", "2"]);
}

async fn values_that_are_not_utf8_arrive_as_text(stage: Stage) {
    let arrive = stage.can(Capability::NonUtf8HeaderValues);
    let site = stage.start().await;
    let request = Request::get("/").header("User-Agent", b"caf\xe9 au lait");
    let payload = site.payload_of(&request).await;
    let user_agent = payload.field("UserAgent");
    if arrive {
        assert_eq!(user_agent.as_deref(), Some("caf\u{fffd} au lait"));
        assert_eq!(payload.field("HeaderNames").unwrap(), "Host,User-Agent");
    } else {
        assert_eq!(user_agent, None);
    }
}
