//! The ways in which a service fails its clients.

use std::fmt;
use std::time::Duration;

use crate::verdict::Verdict;

/// One way in which a service fails its client.
///
/// ```
/// use std::time::Duration;
/// use rti_simulator::{Fault, Rule};
///
/// let outage = Rule::always().then(Fault::status_with_body(503, "under maintenance"));
/// let crawl = Rule::always().then(Fault::SlowBody(Duration::from_millis(50)));
/// # let _ = (outage, crawl);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Takes the request and never answers; ends when the client closes.
    Hang,
    /// Accepts the connection and never reads from it; such a request is not in the journal.
    ///
    /// It takes an unconditional rule in the first place, as a condition needs a request to be read.
    /// Anywhere else it is [`Fault::Hang`].
    HangUnread,
    /// Resets the connection (RST) in place of an answer.
    Reset,
    /// Closes the connection in good order (FIN) in place of an answer.
    Close,
    /// Answers with another status than 200, see [`Fault::status`].
    Status {
        /// The status code.
        status: u16,
        /// The body, declared as plain text; it may be empty.
        body: Vec<u8>,
    },
    /// Answers 200 with this body, declared as JSON, whatever it is.
    Body(Vec<u8>),
    /// Answers 200 with JSON that breaks off, though the length is right.
    MalformedJson,
    /// Answers 200 with good JSON whose members have other types than the protocol says.
    WrongTypes,
    /// Promises more body than it sends, then closes.
    TruncatedBody,
    /// Breaks off in the status line, then closes.
    TruncatedHead,
    /// A good answer whose head comes byte by byte, with this pause between two.
    SlowHead(Duration),
    /// A good answer whose body comes byte by byte, with this pause between two.
    SlowBody(Duration),
    /// A good answer inflated to this many bytes, see [`Fault::oversize_body`].
    OversizeBody(usize),
    /// A body that begins well and never ends.
    EndlessBody,
    /// Answers 302 with this `Location`.
    Redirect(String),
    /// Promises less body than it sends, so that the rest reads as another answer's beginning.
    WrongContentLength,
    /// Sends bytes that are not HTTP, then closes.
    Garbage,
    /// Gives this verdict, promises to keep the connection, and closes it.
    CloseAfterAnswer(Verdict),
    /// Gives this verdict, keeps the connection, and closes it when the next request comes.
    ///
    /// The stale connection without a race: a client's pool cannot know beforehand. That next
    /// request is not read, and so not in the journal.
    CloseOnNextRequest(Verdict),
}

impl Fault {
    /// An answer of this status without a body.
    pub fn status(status: u16) -> Self {
        Self::status_with_body(status, "")
    }

    /// An answer of this status with this body, declared as plain text.
    pub fn status_with_body(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::Status { status, body }
    }

    /// A 200 whose body is this text, declared as JSON, whatever it is.
    pub fn body(body: impl Into<Vec<u8>>) -> Self {
        Self::Body(body.into())
    }

    /// A redirect to this location.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::Redirect(location.into())
    }

    /// A mebibyte of good JSON.
    pub fn oversize_body() -> Self {
        Self::OversizeBody(1 << 20)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hang => f.write_str("hang"),
            Self::HangUnread => f.write_str("hang unread"),
            Self::Reset => f.write_str("reset"),
            Self::Close => f.write_str("close"),
            Self::Status { status, .. } => write!(f, "status {status}"),
            Self::Body(body) => write!(f, "a body of {} bytes", body.len()),
            Self::MalformedJson => f.write_str("malformed JSON"),
            Self::WrongTypes => f.write_str("wrong types"),
            Self::TruncatedBody => f.write_str("truncated body"),
            Self::TruncatedHead => f.write_str("truncated head"),
            Self::SlowHead(_) => f.write_str("slow head"),
            Self::SlowBody(_) => f.write_str("slow body"),
            Self::OversizeBody(size) => write!(f, "oversize body of {size} bytes"),
            Self::EndlessBody => f.write_str("endless body"),
            Self::Redirect(location) => write!(f, "redirect to {location:?}"),
            Self::WrongContentLength => f.write_str("wrong content length"),
            Self::Garbage => f.write_str("garbage"),
            Self::CloseAfterAnswer(_) => f.write_str("close after the answer"),
            Self::CloseOnNextRequest(_) => f.write_str("close on the next request"),
        }
    }
}
