//! A body that comes back when its borrower panics or answers without it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};

/// A request body on loan to a callback. A body cannot be cloned, so without the loan a callback's
/// panic would take the request with it.
pub(crate) struct Lent {
    body: Body,
    begun: bool,
    home: Arc<Mutex<Option<Body>>>,
}

/// Takes a lent body back after the borrower is gone.
pub(crate) struct Lender(Arc<Mutex<Option<Body>>>);

impl Lent {
    pub(crate) fn lend(body: Body) -> (Body, Lender) {
        let home = Arc::new(Mutex::new(None));
        let lender = Lender(Arc::clone(&home));
        (
            Body::new(Self {
                body,
                begun: false,
                home,
            }),
            lender,
        )
    }
}

impl Lender {
    /// None where the borrower read from it, or keeps it.
    pub(crate) fn reclaim(self) -> Option<Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What was read is gone. The handler gets an error, which it answers as it does a broken upload,
/// rather than a body that lacks its beginning.
pub(crate) fn lost() -> Body {
    Body::new(http_body_error())
}

fn http_body_error() -> impl HttpBody<Data = Bytes, Error = Error> + Send {
    struct Lost;
    impl HttpBody for Lost {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            Poll::Ready(Some(Err(Error::new(
                "the body was read by a challenge that panicked",
            ))))
        }
    }
    Lost
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.begun = true;
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.begun {
            let body = std::mem::take(&mut self.body);
            *self.home.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}
