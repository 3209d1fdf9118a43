//! WebSocket upgrades: checked once, then out of the way.

use crate::Stage;
use crate::client::WebSocket;
use rti_simulator::{Fault, Verdict};

crate::suite::cases![
    a_websocket_opens_and_echoes: needs WebSocket,
    a_websocket_opens_when_there_is_no_verdict: needs WebSocket,
    a_blocked_websocket_does_not_open: needs WebSocket,
];

async fn a_websocket_opens_and_echoes(stage: Stage) {
    let expected = stage.set_by_verdict("_cheq_rti=b");
    let verdict = Verdict::valid().set_cookie("_cheq_rti=b");
    let site = stage.blocking().answer(verdict).start().await;
    let (mut socket, cookies) = WebSocket::open(site.address(), "/ws").await;
    assert_eq!(cookies, expected);
    for text in ["hello", "and again", ""] {
        assert_eq!(socket.echo(text).await, text);
    }
    assert_eq!(site.calls(), 1);
}

async fn a_websocket_opens_when_there_is_no_verdict(stage: Stage) {
    let site = stage.blocking().answer(Fault::status(500)).start().await;
    let (mut socket, cookies) = WebSocket::open(site.address(), "/ws").await;
    assert_eq!(cookies, [""; 0]);
    assert_eq!(socket.echo("hello").await, "hello");
}

async fn a_blocked_websocket_does_not_open(stage: Stage) {
    let site = stage.blocking().answer(Verdict::threat(3)).start().await;
    let response = site.send(&WebSocket::handshake("/ws")).await;
    assert_eq!(response.status, 403);
}
