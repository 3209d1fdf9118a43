//! HTTP/2 over cleartext, by prior knowledge.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use super::{Request, Response, request::HOST};

/// A connection that speaks HTTP/2 from its first byte.
#[derive(Debug)]
pub struct Http2(SendRequest<Full<Bytes>>);

impl Http2 {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// Sends a request; its `Host` becomes the `:authority`.
    pub async fn send(&mut self, request: &Request) -> Response {
        let mut head = hyper::http::Request::builder()
            .method(request.method.as_str())
            .uri(format!("http://{HOST}{}", request.target));
        for (name, value) in request.headers.iter().filter(|(name, _)| name != "Host") {
            head = head.header(name, value.as_slice());
        }
        self.0.ready().await.unwrap();
        let request = head.body(Full::from(request.body.clone())).unwrap();
        let response = self.0.send_request(request).await.unwrap();
        let (head, body) = response.into_parts();
        let text =
            |value: &hyper::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into();
        Response {
            status: head.status.as_u16(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }
}
