//! As much of WebSocket (RFC 6455) as an echo takes, by hand.

use std::net::SocketAddr;

use super::{Connection, Request};

/// The key and its answer are the example of RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// An open WebSocket.
#[derive(Debug)]
pub struct WebSocket(Connection);

impl WebSocket {
    /// The request that asks for the upgrade.
    pub fn handshake(target: &str) -> Request {
        Request::get(target)
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", KEY)
    }

    /// Connects and upgrades; gives the cookies of the handshake's answer as well.
    pub async fn open(address: SocketAddr, target: &str) -> (Self, Vec<String>) {
        let mut connection = Connection::open(address).await;
        connection.write(Self::handshake(target).bytes()).await;
        let head = connection.head().await;
        assert_eq!(head.status, 101, "{head:?}");
        assert_eq!(head.header("Sec-WebSocket-Accept"), Some(ACCEPT));
        let cookies = head.cookies().into_iter().map(str::to_owned).collect();
        (Self(connection), cookies)
    }

    /// Sends a text of fewer than 126 bytes, and reads the one that comes back.
    pub async fn echo(&mut self, text: &str) -> String {
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap()];
        frame.extend(MASK);
        let masked = text.bytes().zip(MASK.iter().cycle());
        frame.extend(masked.map(|(byte, mask)| byte ^ mask));
        self.0.write(frame).await;
        let head = self.0.take(2).await;
        assert_eq!(head[0], 0x81, "a text in one frame");
        let answer = self.0.take(head[1].into()).await;
        String::from_utf8(answer).unwrap()
    }
}
