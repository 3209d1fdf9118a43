//! A client that shows every byte, which a library would hide.

// Each test file uses a part of this, and tests may panic.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing
)]

use rti_simulator::{Rule, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const FORM: &str = "EventType=page_load&ApiKey=k-1&TagHash=t-1&ResourceType=text%2Fhtml\
    &Method=GET&ClientIP=192.0.2.1&RequestURL=https%3A%2F%2Fexample.com%2F\
    &RequestTime=1795370096002&HeaderNames=Host%2CUser-Agent&UserAgent=Firefox%2F140.0\
    &MiddlewareVersion=rust_axum_0.1.0";

pub const JSON: &str = r#"{"apiKey":"k-1","tagHash":"t-1","customId1":"page_load",
    "microTime":"1795370096002000","isHeaderNamesOrdered":true,"endUserParams":{
    "clientIp":"192.0.2.1","requestUrl":"https://example.com/","headerNames":"Host,User-Agent",
    "method":"GET","headers":{"user-agent":"Firefox/140.0","via":"1.1 proxy"}}}"#;

pub const V1: &str = "/v1/realtime-interception";
pub const V3: &str = "/v3/realtime-interception";
pub const V4_0: &str = "/defend/4.0/traffic";
pub const V4_1: &str = "/defend/4.1/traffic";

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub struct Client {
    pub stream: TcpStream,
    unread: Vec<u8>,
}

impl Client {
    pub async fn connect(simulator: &Simulator) -> Self {
        let stream = TcpStream::connect(simulator.address()).await.unwrap();
        let unread = Vec::new();
        Self { stream, unread }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    pub async fn call(&mut self, path: &str, body: &str) -> Answer {
        self.send(post(path, body)).await;
        self.answer().await
    }

    /// The next answer, which must be complete.
    pub async fn answer(&mut self) -> Answer {
        loop {
            if let Some(end) = self
                .unread
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
            {
                let head = String::from_utf8(self.unread[..end + 4].to_vec()).unwrap();
                let length = header(&head, "content-length")
                    .unwrap()
                    .parse::<usize>()
                    .unwrap();
                if self.unread.len() >= end + 4 + length {
                    let rest = self.unread.split_off(end + 4 + length);
                    let body = String::from_utf8(self.unread[end + 4..].to_vec()).unwrap();
                    self.unread = rest;
                    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                    return Answer { status, head, body };
                }
            }
            let read = self.stream.read_buf(&mut self.unread).await.unwrap();
            assert!(read > 0, "closed instead of answering");
        }
    }

    /// Everything until the service closes.
    pub async fn rest(&mut self) -> std::io::Result<Vec<u8>> {
        let mut bytes = std::mem::take(&mut self.unread);
        self.stream.read_to_end(&mut bytes).await.map(|_| bytes)
    }
}

pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

pub fn post(path: &str, body: &str) -> String {
    let form = path.starts_with("/v1") || path.starts_with("/v3");
    let media_type = if form {
        "application/x-www-form-urlencoded"
    } else {
        "application/json"
    };
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: rti\r\nContent-Type: {media_type}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

pub async fn call(simulator: &Simulator, path: &str, body: &str) -> Answer {
    Client::connect(simulator).await.call(path, body).await
}

/// A simulator that refuses departures from the specification.
pub async fn strict() -> Simulator {
    Simulator::builder().strict().start().await.unwrap()
}

pub async fn with_rules(rules: impl IntoIterator<Item = Rule>) -> Simulator {
    let builder = Simulator::builder().strict().rules(rules);
    builder.start().await.unwrap()
}
