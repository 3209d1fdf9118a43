//! One connection: requests and answers in turn, until either side ends it.

use std::io;

use crate::deliver::{Next, deliver};
use crate::http::{self, Expectation, Persistence, Progress, Request, Response};
use crate::received::{Received, Refusal};
use crate::service::Service;
use crate::wire::{Read, Wire};

pub(crate) struct Connection<'a> {
    pub(crate) wire: Wire,
    pub(crate) number: u64,
    pub(crate) service: &'a Service,
}

enum Incoming {
    Request(Request),
    Refused(Refusal),
    Ended,
}

impl Connection<'_> {
    /// An error ends the connection, and that is all that it means here.
    pub(crate) async fn serve(mut self) -> io::Result<()> {
        loop {
            self.wire.readable().await?;
            if self.service.rules().hang_unread() {
                return self.wire.hang_unread().await;
            }
            let next = match self.incoming().await? {
                Incoming::Request(request) => self.answer(request).await?,
                Incoming::Refused(refusal) => return self.refuse_and_close(refusal).await,
                Incoming::Ended => return Ok(()),
            };
            match next {
                Next::KeepAlive => {}
                Next::Close => return self.wire.close().await,
                Next::CloseOnNextRequest => return self.wire.readable().await,
                Next::Drop => return Ok(()),
            }
        }
    }

    async fn incoming(&mut self) -> io::Result<Incoming> {
        let mut answered = Expectation::Nothing;
        loop {
            match http::parse(&self.wire.unread, self.service.body_limit) {
                Ok(Progress::Complete { request, length }) => {
                    self.wire.unread.drain(..length);
                    return Ok(Incoming::Request(request));
                }
                Ok(Progress::PartialBody(expected)) if expected != answered => {
                    answered = expected;
                    self.wire.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
                }
                Ok(_) => {}
                Err(refusal) => return Ok(Incoming::Refused(refusal)),
            }
            if self.wire.read().await? == Read::End {
                return Ok(Incoming::Ended);
            }
        }
    }

    async fn answer(&mut self, request: Request) -> io::Result<Next> {
        let persistence = request.connection;
        let received = self.service.receive(self.number, request);
        if let Some(refusal) = received.refusal() {
            let answer = refused(refusal, &received);
            self.wire.write(&answer.bytes(persistence)).await?;
            return Ok(Next::after(persistence));
        }
        if !received.delay().is_zero() {
            self.wire.pause(received.delay()).await?;
        }
        let fresh_id = self.service.request_ids.fresh();
        deliver(&mut self.wire, &received, fresh_id, persistence).await
    }

    async fn refuse_and_close(mut self, refusal: Refusal) -> io::Result<()> {
        let answer = Response::text(refusal.status(), refusal.reason());
        let bytes = std::mem::take(&mut self.wire.unread);
        self.service.receive_broken(self.number, bytes, refusal);
        self.wire.write(&answer.bytes(Persistence::Close)).await?;
        self.wire.close_gently().await
    }
}

fn refused(refusal: &Refusal, received: &Received) -> Response {
    // The answer to HEAD has no body, and a client would take it for the next answer.
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
