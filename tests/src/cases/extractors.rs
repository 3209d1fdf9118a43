//! What a site adds with closures of its own: JA3, resource type, channel.

use crate::Stage;
use crate::client::Request;

crate::suite::cases![
    extractors_fill_their_fields,
    an_extractor_tells_the_resource_type: speaks V1,
    the_resource_type_is_text_html_unless_told: speaks V1,
    an_extractor_with_nothing_to_say_leaves_its_field_out,
    an_extractor_sees_the_whole_request,
    an_extractor_that_panics_fails_open,
];

async fn extractors_fill_their_fields(stage: Stage) {
    let site = stage
        .configure(|config| {
            config
                .ja3(|request| request.header("x-ja3-fingerprint"))
                .channel(|request| request.query_parameter("channel"))
        })
        .start()
        .await;
    let request = Request::post("/echo?channel=summer%20sale", "{}")
        .header("X-JA3-Fingerprint", "769,47-53,0-23,29,0");
    let payload = site.payload_of(&request).await;
    for (field, expected) in [("JA3", "769,47-53,0-23,29,0"), ("Channel", "summer sale")] {
        assert_eq!(payload.field(field).as_deref(), Some(expected));
    }
}

async fn an_extractor_tells_the_resource_type(stage: Stage) {
    let site = stage
        .configure(|config| {
            config.resource_type(|request| {
                (request.method() == "POST").then(|| "application/json".to_owned())
            })
        })
        .start()
        .await;
    for (method, expected) in [("POST", "application/json"), ("GET", "text/html")] {
        let payload = site.payload_of(&Request::new(method, "/")).await;
        assert_eq!(payload.field("ResourceType").as_deref(), Some(expected));
    }
}

async fn the_resource_type_is_text_html_unless_told(stage: Stage) {
    let site = stage.start().await;
    let payload = site.payload_of(&Request::post("/echo", "{}")).await;
    let resource_type = payload.field("ResourceType");
    assert_eq!(resource_type.as_deref(), Some("text/html"));
}

async fn an_extractor_with_nothing_to_say_leaves_its_field_out(stage: Stage) {
    let site = stage
        .configure(|config| config.ja3(|_| None).channel(|_| Some(String::new())))
        .start()
        .await;
    let payload = site.payload_of(&Request::get("/")).await;
    assert_eq!(payload.field("JA3"), None);
    assert_eq!(payload.field("Channel"), None);
}

async fn an_extractor_sees_the_whole_request(stage: Stage) {
    let site = stage
        .configure(|config| {
            config.channel(|request| {
                let peer = request.peer_ip()?;
                let agent = request.header("user-agent")?;
                Some(format!(
                    "{} {} {agent} {peer}",
                    request.method(),
                    request.target()
                ))
            })
        })
        .start()
        .await;
    let request = Request::get("/about?x=1").header("User-Agent", "a browser");
    let payload = site.payload_of(&request).await;
    let expected = "GET /about?x=1 a browser 127.0.0.1";
    assert_eq!(payload.field("Channel").as_deref(), Some(expected));
}

async fn an_extractor_that_panics_fails_open(stage: Stage) {
    let site = stage
        .blocking()
        .configure(|config| config.ja3(|_| crate::application::panic_on_purpose()))
        .start()
        .await;
    assert_eq!(site.get("/").await.text(), "hello");
    let decision = site.decision().await;
    assert_eq!(decision["outcome"], "failed_open");
    assert_eq!(decision["reason"], "internal");
    assert_eq!(site.calls(), 0);
}
