//! The ways in which a service can fail its clients.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::verdict::Verdict;

/// One way in which a service fails its client. The crate's `rules.example.toml` shows each in TOML.
///
/// ```
/// use std::time::Duration;
/// use rti_simulator::{Fault, Rule};
///
/// let outage = Rule::always().then(Fault::status_with_body(503, "under maintenance"));
/// let slow = Rule::always().then(Fault::SlowBody(Duration::from_millis(50)));
/// # let _ = (outage, slow);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Reads the request and never answers; ends when the client closes.
    Hang,
    /// Accepts the connection and never reads from it; such a request is not in the journal.
    ///
    /// This needs an unconditional rule at the first position, since a condition needs a request to
    /// be read. Elsewhere it is the same as [`Fault::Hang`].
    HangUnread,
    /// Resets the connection (RST) instead of answering.
    Reset,
    /// Closes the connection properly (FIN) instead of answering.
    Close,
    /// Answers with another status than 200, see [`Fault::status`].
    Status {
        /// The status code.
        #[serde(rename = "code")]
        status: u16,
        /// The body, declared as plain text; it may be empty.
        #[serde(default, deserialize_with = "text")]
        body: Vec<u8>,
    },
    /// Answers 200 with this body, declared as JSON.
    Body(#[serde(deserialize_with = "text")] Vec<u8>),
    /// Answers 200 with incomplete JSON, though the length is right.
    MalformedJson,
    /// Answers 200 with JSON whose members have other types than the protocol specifies.
    WrongTypes,
    /// States a greater length than it sends, then closes.
    TruncatedBody,
    /// Closes within the status line.
    TruncatedHead,
    /// A good response whose head is sent byte by byte, with this pause between two.
    SlowHead(#[serde(deserialize_with = "pause")] Duration),
    /// A good response whose body is sent byte by byte, with this pause between two.
    SlowBody(#[serde(deserialize_with = "pause")] Duration),
    /// A good response that is enlarged to this many bytes, see [`Fault::oversize_body`].
    OversizeBody(#[serde(deserialize_with = "size")] usize),
    /// A body that begins well and never ends.
    EndlessBody,
    /// Answers 302 with this `Location`.
    Redirect(#[serde(deserialize_with = "location")] String),
    /// States a smaller length than it sends, so that the rest looks like another response.
    WrongContentLength,
    /// Sends bytes that are not HTTP, then closes.
    Garbage,
    /// Gives this verdict, announces to keep the connection open, and closes it.
    CloseAfterAnswer(Verdict),
    /// Gives this verdict, keeps the connection open, and closes it when the next request arrives.
    ///
    /// A stale connection without a race: a client's pool cannot know beforehand. That next request
    /// is not read, and so not in the journal.
    CloseOnNextRequest(Verdict),
}

impl Fault {
    /// A response of this status without a body.
    pub fn status(status: u16) -> Self {
        Self::status_with_body(status, "")
    }

    /// A response of this status with this body, declared as plain text.
    pub fn status_with_body(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::Status { status, body }
    }

    /// A response of status 200 with this body, declared as JSON.
    pub fn body(body: impl Into<Vec<u8>>) -> Self {
        Self::Body(body.into())
    }

    /// A redirect to this location.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::Redirect(location.into())
    }

    /// One mebibyte of good JSON.
    pub fn oversize_body() -> Self {
        Self::OversizeBody(1 << 20)
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    String::deserialize(deserializer).map(String::into_bytes)
}

/// What a fault has in TOML, where a number without a unit in its name would be unclear.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pause {
    pause_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Size {
    bytes: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Location {
    location: String,
}

fn pause<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    Pause::deserialize(deserializer).map(|pause| Duration::from_millis(pause.pause_ms))
}

fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    Size::deserialize(deserializer).map(|size| size.bytes)
}

fn location<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Location::deserialize(deserializer).map(|location| location.location)
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
