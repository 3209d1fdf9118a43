//! An answer, or its failure, onto the socket.

use std::io;
use std::time::Duration;

use crate::answer::{Answer, Question, encode, encode_wrong_types};
use crate::fault::Fault;
use crate::http::{Persistence, Response};
use crate::received::Received;
use crate::verdict::Verdict;
use crate::wire::Wire;

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    KeepAlive,
    Close,
    CloseOnNextRequest,
    /// It is no longer to be closed in good order.
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

pub(crate) async fn deliver(
    wire: &mut Wire,
    received: &Received,
    fresh_id: String,
    persistence: Persistence,
) -> io::Result<Next> {
    let (Some(protocol), Some(payload)) = (received.protocol(), received.payload()) else {
        return Ok(Next::Close);
    };
    let question = Question {
        protocol,
        payload,
        fresh_id,
    };
    let delivery = Delivery {
        wire,
        question,
        persistence,
    };
    match received.answer() {
        Some(Answer::Verdict(verdict)) => delivery.verdict(verdict).await,
        Some(Answer::Fault(fault)) => delivery.fault(fault).await,
        None => Ok(Next::Close),
    }
}

struct Delivery<'a> {
    wire: &'a mut Wire,
    question: Question<'a>,
    persistence: Persistence,
}

impl Delivery<'_> {
    async fn verdict(self, verdict: &Verdict) -> io::Result<Next> {
        let response = self.json(verdict);
        self.whole(&response).await
    }

    async fn fault(self, fault: &Fault) -> io::Result<Next> {
        match fault {
            Fault::Hang | Fault::HangUnread => self.wire.hang().await.map(|()| Next::Drop),
            Fault::Reset => self.wire.reset_on_drop().map(|()| Next::Drop),
            Fault::Close => Ok(Next::Close),
            Fault::Status { status, body } => {
                self.whole(&Response::text(*status, body.as_slice())).await
            }
            Fault::Body(body) => self.whole(&Response::json(body.as_slice())).await,
            Fault::MalformedJson => self.malformed_json().await,
            Fault::WrongTypes => {
                let body = encode_wrong_types(self.question.protocol);
                self.whole(&Response::json(body)).await
            }
            Fault::TruncatedBody => self.truncated_body().await,
            Fault::TruncatedHead => self.last_words(b"HTTP/1.1 20").await,
            Fault::SlowHead(pause) => self.slow_head(*pause).await,
            Fault::SlowBody(pause) => self.slow_body(*pause).await,
            Fault::OversizeBody(size) => self.oversize_body(*size).await,
            Fault::EndlessBody => self.endless_body().await,
            Fault::Redirect(location) => {
                let redirect = Response::text(302, "").header("Location", location.as_str());
                self.whole(&redirect).await
            }
            Fault::WrongContentLength => self.wrong_content_length().await,
            Fault::Garbage => {
                self.last_words(b"\x16\x03\x01\0 this is not HTTP\r\n\r\n")
                    .await
            }
            Fault::CloseAfterAnswer(verdict) => {
                let response = self.json(verdict);
                self.last_words(&response.bytes(Persistence::KeepAlive))
                    .await
            }
            Fault::CloseOnNextRequest(verdict) => {
                let response = self.json(verdict);
                self.last_words(&response.bytes(Persistence::KeepAlive))
                    .await?;
                Ok(Next::CloseOnNextRequest)
            }
        }
    }

    async fn malformed_json(self) -> io::Result<Next> {
        let good = self.good();
        let beginning = first_half(good.body());
        self.whole(&Response::json(beginning)).await
    }

    async fn truncated_body(self) -> io::Result<Next> {
        let good = self.good();
        let bytes = [&good.head(Persistence::Close), first_half(good.body())].concat();
        self.last_words(&bytes).await
    }

    async fn slow_head(self, pause: Duration) -> io::Result<Next> {
        let good = self.good();
        self.wire.drip(&good.head(self.persistence), pause).await?;
        self.wire.write(good.body()).await?;
        Ok(Next::after(self.persistence))
    }

    async fn slow_body(self, pause: Duration) -> io::Result<Next> {
        let good = self.good();
        self.wire.write(&good.head(self.persistence)).await?;
        self.wire.drip(good.body(), pause).await?;
        Ok(Next::after(self.persistence))
    }

    /// A member of the needed length in front of the good ones: JSON to its end, and all of it valid.
    async fn oversize_body(self, size: usize) -> io::Result<Next> {
        let good = self.good();
        let members = good.body().get(1..).unwrap_or_default();
        let mut filling =
            size.saturating_sub(PADDING_OPEN.len() + PADDING_CLOSE.len() + members.len());
        let length = PADDING_OPEN.len() + filling + PADDING_CLOSE.len() + members.len();
        let head = good.head_claiming(length, self.persistence);
        self.wire.write(&[&head, PADDING_OPEN].concat()).await?;
        while filling > 0 {
            let piece = PADDING.get(..filling).unwrap_or(&PADDING);
            self.wire.write(piece).await?;
            filling -= piece.len();
        }
        self.wire.write(&[PADDING_CLOSE, members].concat()).await?;
        Ok(Next::after(self.persistence))
    }

    /// Ends when the client is gone and writing fails.
    async fn endless_body(self) -> io::Result<Next> {
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
            Transfer-Encoding: chunked\r\n\r\n";
        let first = format!("{:x}\r\n", PADDING_OPEN.len());
        let opening = [head, first.as_bytes(), PADDING_OPEN, b"\r\n"].concat();
        self.wire.write(&opening).await?;
        let size = format!("{:x}\r\n", PADDING.len());
        let chunk = [size.as_bytes(), &PADDING, b"\r\n"].concat();
        loop {
            self.wire.write(&chunk).await?;
        }
    }

    async fn wrong_content_length(self) -> io::Result<Next> {
        let good = self.good();
        let head = good.head_claiming(good.body().len() / 2, self.persistence);
        self.wire.write(&[&head, good.body()].concat()).await?;
        Ok(Next::after(self.persistence))
    }

    /// What a fault of the transport gets in the way of.
    fn good(&self) -> Response {
        self.json(&Verdict::valid())
    }

    fn json(&self, verdict: &Verdict) -> Response {
        Response::json(encode(verdict, &self.question))
    }

    async fn whole(self, response: &Response) -> io::Result<Next> {
        self.wire.write(&response.bytes(self.persistence)).await?;
        Ok(Next::after(self.persistence))
    }

    async fn last_words(self, bytes: &[u8]) -> io::Result<Next> {
        self.wire.write(bytes).await?;
        Ok(Next::Close)
    }
}

const PADDING_OPEN: &[u8] = br#"{"padding":""#;
const PADDING_CLOSE: &[u8] = br#"","#;
const PADDING: [u8; 16 * 1024] = [b'x'; 16 * 1024];

fn first_half(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len() / 2).unwrap_or_default()
}
