//! Connections to the application are kept; upgrades, events and uploads pass.

use rti_conformance::application::FRAMES;
use rti_conformance::client::{Connection, Request, WebSocket};

use super::checks;
use crate::site::Setting;

checks![
    the_connection_to_the_application_is_kept,
    a_websocket_passes,
    a_blocked_websocket_does_not_open,
    events_pass_one_by_one,
    an_allowed_upload_passes_whole,
];

async fn the_connection_to_the_application_is_kept(setting: Setting) {
    let (site, counting) = setting.start_counted().await;
    let mut connection = Connection::open(site.http1).await;
    for _ in 0..20 {
        for agent in ["browser", "bot"] {
            let upload = Request::post("/length", "x".repeat(60_000));
            connection.send(&upload.header("User-Agent", agent)).await;
        }
    }
    assert_eq!(site.simulator.requests_arrived(), 40);
    assert_eq!(counting.accepted(), 1);
}

async fn a_websocket_passes(setting: Setting) {
    let site = setting.start().await;
    let (mut socket, cookies) = WebSocket::open(site.http1, "/ws").await;
    assert_eq!(cookies, [crate::site::COOKIE]);
    for text in ["hello", "and again"] {
        assert_eq!(socket.echo(text).await, text);
    }
}

async fn a_blocked_websocket_does_not_open(setting: Setting) {
    let site = setting.start().await;
    let handshake = WebSocket::handshake("/ws").header("User-Agent", "bot");
    assert_eq!(site.send(&handshake).await.status, 403);
}

async fn events_pass_one_by_one(setting: Setting) {
    let site = setting.start().await;
    let mut connection = Connection::open(site.http1).await;
    connection.write(Request::get("/stream").bytes()).await;
    site.application.release_frame();
    assert_eq!(connection.head().await.status, 200);
    for frame in FRAMES {
        // The next one is released when this one is here: nothing may wait for the whole.
        assert_eq!(connection.chunk().await.as_deref(), Some(frame.as_bytes()));
        site.application.release_frame();
    }
    assert_eq!(connection.chunk().await, None);
}

async fn an_allowed_upload_passes_whole(setting: Setting) {
    let site = setting.start().await;
    let upload = Request::post("/length", vec![b'x'; 1_500_000]);
    let response = site.send(&upload).await;
    assert_eq!((response.status, response.text()), (200, "1500000"));
}
