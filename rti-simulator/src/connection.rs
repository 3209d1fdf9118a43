//! One connection: requests and answers in turn, until either side ends it.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::deliver::{Next, deliver};
use crate::http::{self, Expectation, Persistence, Progress, Request, Response};
use crate::received::{Received, Refusal};
use crate::service::Service;

/// A client that was refused in the middle of its sending gets this long to read why.
const LINGER: Duration = Duration::from_secs(1);

pub(crate) struct Connection<'a> {
    pub(crate) stream: TcpStream,
    pub(crate) number: u64,
    pub(crate) service: &'a Service,
    /// What came behind the last request.
    pub(crate) unread: Vec<u8>,
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
            if self.unread.is_empty() {
                self.stream.readable().await?;
            }
            if self.service.rules().hang_unread() {
                return until_peer_closes(&self.stream).await;
            }
            let next = match self.incoming().await? {
                Incoming::Request(request) => self.answer(request).await?,
                Incoming::Refused(refusal) => return self.refuse_and_close(refusal).await,
                Incoming::Ended => return Ok(()),
            };
            match next {
                Next::KeepAlive => {}
                Next::CloseOnNextRequest if self.unread.is_empty() => {
                    return self.stream.readable().await;
                }
                Next::Close | Next::CloseOnNextRequest => return self.stream.shutdown().await,
                Next::Closed => return Ok(()),
            }
        }
    }

    async fn incoming(&mut self) -> io::Result<Incoming> {
        let mut expectation = Expectation::Nothing;
        loop {
            match http::parse(&self.unread, self.service.body_limit) {
                Ok(Progress::Complete { request, length }) => {
                    self.unread.drain(..length);
                    return Ok(Incoming::Request(request));
                }
                Ok(Progress::PartialBody(Expectation::Continue))
                    if expectation == Expectation::Nothing =>
                {
                    expectation = Expectation::Continue;
                    self.stream
                        .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
                        .await?;
                }
                Ok(_) => {}
                Err(refusal) => return Ok(Incoming::Refused(refusal)),
            }
            if self.stream.read_buf(&mut self.unread).await? == 0 {
                return Ok(Incoming::Ended);
            }
        }
    }

    async fn answer(&mut self, request: Request) -> io::Result<Next> {
        let persistence = request.connection;
        let received = self.service.receive(self.number, request);
        let delay = received.delay();
        if delay > Duration::ZERO {
            tokio::select! {
                () = sleep(delay) => {}
                gone = until_peer_closes(&self.stream) => return gone.map(|()| Next::Closed),
            }
        }
        if let Some(refusal) = received.refusal() {
            let bytes = refused(refusal, &received).bytes(persistence);
            self.stream.write_all(&bytes).await?;
            return Ok(Next::after(persistence));
        }
        let fresh_id = self.service.request_ids.fresh();
        deliver(&mut self.stream, &received, fresh_id, persistence).await
    }

    /// Reads on after the answer: to close with bytes unread resets the connection, and the client
    /// might lose the answer with it.
    async fn refuse_and_close(mut self, refusal: Refusal) -> io::Result<()> {
        let answer = Response::text(refusal.status(), refusal.reason());
        let bytes = std::mem::take(&mut self.unread);
        self.service.receive_broken(self.number, bytes, refusal);
        self.stream
            .write_all(&answer.bytes(Persistence::Close))
            .await?;
        self.stream.shutdown().await?;
        let mut nowhere = tokio::io::sink();
        let _ = timeout(LINGER, tokio::io::copy(&mut self.stream, &mut nowhere)).await;
        Ok(())
    }
}

fn refused(refusal: &Refusal, received: &Received) -> Response {
    // The answer to HEAD has no body, and a client would take it for the next answer.
    let reason = if received.method() == "HEAD" {
        ""
    } else {
        refusal.reason()
    };
    let response = Response::text(refusal.status(), reason);
    if refusal.status() == 405 {
        return response.header("Allow", "POST");
    }
    response
}

/// Waits for the client to close its connection, or its half of it, and reads nothing.
pub(crate) async fn until_peer_closes(stream: &TcpStream) -> io::Result<()> {
    while !stream.ready(Interest::READABLE).await?.is_read_closed() {
        // Says that there is nothing to read, so that the next wait is for something new.
        let nothing: io::Result<()> =
            stream.try_io(Interest::READABLE, || Err(io::ErrorKind::WouldBlock.into()));
        drop(nothing);
    }
    Ok(())
}
