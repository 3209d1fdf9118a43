//! A payload that comes back when its borrower panics or answers without it.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::{Stream, stream};

/// A request payload on loan to a callback. A payload cannot be cloned, so without the loan a
/// callback's panic would take the request with it.
pub(crate) struct Lent {
    payload: Payload,
    begun: bool,
    home: Rc<Cell<Option<Payload>>>,
}

/// Takes a lent payload back after the borrower is gone.
pub(crate) struct Lender(Rc<Cell<Option<Payload>>>);

impl Lent {
    pub(crate) fn lend(payload: Payload) -> (Payload, Lender) {
        let home = Rc::new(Cell::new(None));
        let lender = Lender(Rc::clone(&home));
        let lent = Self {
            payload,
            begun: false,
            home,
        };
        (streamed(lent), lender)
    }
}

impl Lender {
    /// None where the borrower read from it, or keeps it.
    pub(crate) fn reclaim(self) -> Option<Payload> {
        self.0.take()
    }
}

/// What was read is gone. The handler gets an error, which it answers as it does a broken upload,
/// rather than a body that lacks its beginning.
pub(crate) fn lost() -> Payload {
    let error = io::Error::other("the body was read by a challenge that panicked");
    streamed(stream::iter([Err(PayloadError::Incomplete(Some(error)))]))
}

fn streamed(payload: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> Payload {
    Payload::Stream {
        payload: Box::pin(payload),
    }
}

impl Stream for Lent {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.begun = true;
        Pin::new(&mut self.payload).poll_next(cx)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.begun {
            self.home.set(Some(self.payload.take()));
        }
    }
}
