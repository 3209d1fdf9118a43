//! Server-sent events and WebSocket, as a page's script uses them.

use fantoccini::cookies::Cookie;
use rti_simulator::Verdict;
use serde_json::json;

use super::received;
use crate::expected::blocked;
use crate::stage::{Site, Stage};
use crate::tab::{Tab, visit};

crate::suite::cases![
    an_event_source_receives,
    a_blocked_event_source_closes_for_good,
    a_websocket_echoes_and_its_cookie_is_kept,
    a_blocked_websocket_closes,
];

async fn on_a_page(stage: Stage) -> (Site, Tab) {
    let (site, tab) = visit(stage.blocking()).await;
    tab.go("/about").await;
    (site, tab)
}

const EVENTS: &str = "
    const events = new EventSource('/events');
    return await new Promise((done) => {
      events.onmessage = (event) => { events.close(); done(event.data) };
      events.onerror = () => {
        const { readyState } = events;
        events.close();
        done(readyState === EventSource.CLOSED ? 'closed' : 'connects again')
      };
    })";

async fn an_event_source_receives(stage: Stage) {
    let (_site, tab) = on_a_page(stage).await;
    assert_eq!(tab.run(EVENTS).await, "hello");
}

async fn a_blocked_event_source_closes_for_good(stage: Stage) {
    let (site, tab) = on_a_page(stage).await;
    site.answer(blocked());
    assert_eq!(tab.run(EVENTS).await, "closed");
    assert_eq!(received(&site, "/events").len(), 1);
}

const WEBSOCKET: &str = "
    const socket = new WebSocket(`ws://${location.host}/ws`);
    return await new Promise((done) => {
      socket.onopen = () => socket.send('echo');
      socket.onmessage = (event) => { done(['echoed', event.data]); socket.close() };
      socket.onclose = (event) => done(['closed', event.code]);
    })";

async fn a_websocket_echoes_and_its_cookie_is_kept(stage: Stage) {
    let (site, tab) = on_a_page(stage).await;
    site.answer(Verdict::valid().set_cookie("_cheq_rti=socket; Path=/"));
    assert_eq!(tab.run(WEBSOCKET).await, json!(["echoed", "echo"]));
    let cookies = tab.cookies().await;
    let values: Vec<&str> = cookies.iter().map(Cookie::value).collect();
    assert_eq!(values, ["socket"]);
}

async fn a_blocked_websocket_closes(stage: Stage) {
    // What a browser says of a connection that did not come about.
    const ABNORMAL: u64 = 1006;
    let (site, tab) = on_a_page(stage).await;
    site.answer(blocked());
    assert_eq!(tab.run(WEBSOCKET).await, json!(["closed", ABNORMAL]));
}
