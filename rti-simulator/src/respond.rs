//! Writing a rule's answer, or its fault, to the socket.

use std::io;
use std::time::Duration;

use crate::answer::Answer;
use crate::encode::{encode, encode_wrong_types};
use crate::fault::Fault;
use crate::http::{Persistence, Response};
use crate::payload::Payload;
use crate::protocol::Endpoint;
use crate::received::Received;
use crate::socket::Socket;
use crate::verdict::Verdict;

/// How the connection continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    KeepAlive,
    Close,
    CloseOnNextRequest,
    /// Without a proper close.
    Drop,
}

impl Next {
    pub(crate) fn after(persistence: Persistence) -> Self {
        match persistence {
            Persistence::KeepAlive => Self::KeepAlive,
            Persistence::Close => Self::Close,
        }
    }
}

pub(crate) async fn respond(
    socket: &mut Socket,
    received: &Received,
    fresh_id: String,
    persistence: Persistence,
) -> io::Result<Next> {
    let (Some(endpoint), Some(payload)) = (received.endpoint(), received.payload()) else {
        return Ok(Next::Close);
    };
    let responder = Responder {
        socket,
        endpoint,
        payload,
        fresh_id,
        persistence,
    };
    match received.answer() {
        Some(Answer::Verdict(verdict)) => responder.verdict(verdict).await,
        Some(Answer::Fault(fault)) => responder.fault(fault).await,
        None => Ok(Next::Close),
    }
}

struct Responder<'a> {
    socket: &'a mut Socket,
    endpoint: Endpoint,
    payload: &'a Payload,
    fresh_id: String,
    persistence: Persistence,
}

impl Responder<'_> {
    async fn verdict(self, verdict: &Verdict) -> io::Result<Next> {
        let response = self.json(verdict);
        self.write_whole(&response).await
    }

    async fn fault(self, fault: &Fault) -> io::Result<Next> {
        match fault {
            Fault::Hang | Fault::HangUnread => self.socket.hang().await.map(|()| Next::Drop),
            Fault::Reset => self.socket.reset_on_drop().map(|()| Next::Drop),
            Fault::Close => Ok(Next::Close),
            Fault::Status { status, body } => {
                self.write_whole(&Response::text(*status, body.as_slice()))
                    .await
            }
            Fault::Body(body) => self.write_whole(&Response::json(body.as_slice())).await,
            Fault::MalformedJson => self.malformed_json().await,
            Fault::WrongTypes => {
                let body = encode_wrong_types(self.endpoint);
                self.write_whole(&Response::json(body)).await
            }
            Fault::TruncatedBody => self.truncated_body().await,
            Fault::TruncatedHead => self.write_and_close(b"HTTP/1.1 20").await,
            Fault::SlowHead(pause) => self.slow_head(*pause).await,
            Fault::SlowBody(pause) => self.slow_body(*pause).await,
            Fault::OversizeBody(size) => self.oversize_body(*size).await,
            Fault::EndlessBody => self.endless_body().await,
            Fault::Redirect(location) => {
                let redirect = Response::text(302, "").header("Location", location.as_str());
                self.write_whole(&redirect).await
            }
            Fault::WrongContentLength => self.wrong_content_length().await,
            Fault::Garbage => {
                self.write_and_close(b"\x16\x03\x01\0 this is not HTTP\r\n\r\n")
                    .await
            }
            Fault::CloseAfterAnswer(verdict) => {
                let response = self.json(verdict);
                self.write_and_close(&response.bytes(Persistence::KeepAlive))
                    .await
            }
            Fault::CloseOnNextRequest(verdict) => {
                let response = self.json(verdict);
                self.write_and_close(&response.bytes(Persistence::KeepAlive))
                    .await?;
                Ok(Next::CloseOnNextRequest)
            }
        }
    }

    async fn malformed_json(self) -> io::Result<Next> {
        let good = self.good();
        let beginning = first_half(good.body());
        self.write_whole(&Response::json(beginning)).await
    }

    async fn truncated_body(self) -> io::Result<Next> {
        let good = self.good();
        let bytes = [&good.head(Persistence::Close), first_half(good.body())].concat();
        self.write_and_close(&bytes).await
    }

    async fn slow_head(self, pause: Duration) -> io::Result<Next> {
        let good = self.good();
        self.socket
            .write_slowly(&good.head(self.persistence), pause)
            .await?;
        self.socket.write(good.body()).await?;
        Ok(Next::after(self.persistence))
    }

    async fn slow_body(self, pause: Duration) -> io::Result<Next> {
        let good = self.good();
        self.socket.write(&good.head(self.persistence)).await?;
        self.socket.write_slowly(good.body(), pause).await?;
        Ok(Next::after(self.persistence))
    }

    /// Another member of the needed length before the good ones, so that the whole is valid JSON.
    async fn oversize_body(self, size: usize) -> io::Result<Next> {
        let good = self.good();
        let members = good.body().get(1..).unwrap_or_default();
        let mut filling =
            size.saturating_sub(PADDING_OPEN.len() + PADDING_CLOSE.len() + members.len());
        let length = PADDING_OPEN.len() + filling + PADDING_CLOSE.len() + members.len();
        let head = good.head_with_length(length, self.persistence);
        self.socket.write(&[&head, PADDING_OPEN].concat()).await?;
        while filling > 0 {
            let piece = PADDING.get(..filling).unwrap_or(&PADDING);
            self.socket.write(piece).await?;
            filling -= piece.len();
        }
        self.socket
            .write(&[PADDING_CLOSE, members].concat())
            .await?;
        Ok(Next::after(self.persistence))
    }

    /// Ends when the client disconnects and writing fails.
    async fn endless_body(self) -> io::Result<Next> {
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
            Transfer-Encoding: chunked\r\n\r\n";
        let first = format!("{:x}\r\n", PADDING_OPEN.len());
        let opening = [head, first.as_bytes(), PADDING_OPEN, b"\r\n"].concat();
        self.socket.write(&opening).await?;
        let size = format!("{:x}\r\n", PADDING.len());
        let chunk = [size.as_bytes(), &PADDING, b"\r\n"].concat();
        loop {
            self.socket.write(&chunk).await?;
        }
    }

    async fn wrong_content_length(self) -> io::Result<Next> {
        let good = self.good();
        let head = good.head_with_length(good.body().len() / 2, self.persistence);
        self.socket.write(&[&head, good.body()].concat()).await?;
        Ok(Next::after(self.persistence))
    }

    /// The response that a fault of the transport spoils.
    fn good(&self) -> Response {
        self.json(&Verdict::valid())
    }

    fn json(&self, verdict: &Verdict) -> Response {
        Response::json(encode(verdict, self.endpoint, self.payload, &self.fresh_id))
    }

    async fn write_whole(self, response: &Response) -> io::Result<Next> {
        self.socket.write(&response.bytes(self.persistence)).await?;
        Ok(Next::after(self.persistence))
    }

    async fn write_and_close(self, bytes: &[u8]) -> io::Result<Next> {
        self.socket.write(bytes).await?;
        Ok(Next::Close)
    }
}

const PADDING_OPEN: &[u8] = br#"{"padding":""#;
const PADDING_CLOSE: &[u8] = br#"","#;
const PADDING: [u8; 16 * 1024] = [b'x'; 16 * 1024];

fn first_half(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len() / 2).unwrap_or_default()
}
