//! One connection: requests and responses in turn, until either side closes it.

use std::io;

use crate::http::{self, Expectation, Persistence, Progress, Request, Response};
use crate::received::Received;
use crate::refusal::Refusal;
use crate::respond::{Next, respond};
use crate::service::Service;
use crate::socket::{Read, Socket};

pub(crate) struct Connection<'a> {
    pub(crate) socket: Socket,
    pub(crate) number: u64,
    pub(crate) service: &'a Service,
}

enum Incoming {
    Request(Request),
    Refused(Refusal),
    Ended,
}

impl Connection<'_> {
    /// An error only means that the connection has ended.
    pub(crate) async fn serve(mut self) -> io::Result<()> {
        loop {
            self.socket.readable().await?;
            if self.service.rules().hang_unread() {
                return self.socket.hang_unread().await;
            }
            let next = match self.incoming().await? {
                Incoming::Request(request) => self.answer(request).await?,
                Incoming::Refused(refusal) => return self.refuse_and_close(refusal).await,
                Incoming::Ended => return Ok(()),
            };
            match next {
                Next::KeepAlive => {}
                Next::Close => return self.socket.close().await,
                Next::CloseOnNextRequest => return self.socket.readable().await,
                Next::Drop => return Ok(()),
            }
        }
    }

    async fn incoming(&mut self) -> io::Result<Incoming> {
        let mut continued = Expectation::Nothing;
        loop {
            match http::parse(&self.socket.unread, self.service.body_limit) {
                Ok(Progress::Complete { request, length }) => {
                    self.socket.unread.drain(..length);
                    return Ok(Incoming::Request(request));
                }
                Ok(Progress::PartialBody(expected)) if expected != continued => {
                    continued = expected;
                    self.socket.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
                }
                Ok(_) => {}
                Err(refusal) => return Ok(Incoming::Refused(refusal)),
            }
            if self.socket.read().await? == Read::End {
                return Ok(Incoming::Ended);
            }
        }
    }

    async fn answer(&mut self, request: Request) -> io::Result<Next> {
        let persistence = request.persistence;
        let received = self.service.receive(self.number, request);
        if let Some(refusal) = received.refusal() {
            let response = refused(refusal, &received);
            self.socket.write(&response.bytes(persistence)).await?;
            return Ok(Next::after(persistence));
        }
        if !received.delay().is_zero() {
            self.socket.pause(received.delay()).await?;
        }
        let fresh_id = self.service.request_ids.fresh();
        respond(&mut self.socket, &received, fresh_id, persistence).await
    }

    async fn refuse_and_close(mut self, refusal: Refusal) -> io::Result<()> {
        let response = Response::text(refusal.status(), refusal.reason());
        let bytes = std::mem::take(&mut self.socket.unread);
        self.service.receive_unreadable(self.number, bytes, refusal);
        self.socket
            .write(&response.bytes(Persistence::Close))
            .await?;
        self.socket.close_after_reading().await
    }
}

fn refused(refusal: &Refusal, received: &Received) -> Response {
    // The response to HEAD has no body: a client would read one as the next response.
    let reason = match received.method() {
        "HEAD" => "",
        _ => refusal.reason(),
    };
    let response = Response::text(refusal.status(), reason);
    match refusal.status() {
        405 => response.header("Allow", "POST"),
        _ => response,
    }
}
