//! A response in HTTP/1.1, from the bytes received so far: the head, and where the body ends
//! (RFC 9112, section 6.3). There is no I/O in here.

use std::mem::MaybeUninit;
use std::time::Duration;

use bytes::Bytes;
use httparse::{Header, ParserConfig, Status};

use super::chunks::Chunks;
use crate::error::{CallError, FailOpenReason};
use crate::transport::MAX_RESPONSE_BYTES;

/// As many as hyper's client takes.
const MAX_HEADERS: usize = 100;

/// The head of a final response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    body: Framing,
    keeps_open: bool,
    /// Where the body begins.
    length: usize,
}

/// Where a body ends.
#[derive(Debug, PartialEq, Eq)]
enum Framing {
    Length(u64),
    Chunked(Chunks),
    /// With the connection.
    Close,
}

/// What a connection is good for after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Reusable,
    Spent,
}

/// A head that was parsed: a final one, or an interim one of so many bytes, as 103 is.
enum Parsed {
    Final(Head),
    Interim(usize),
}

impl Head {
    /// The final head, once it is whole. Interim ones are taken out of what was received.
    ///
    /// So many bytes of it were `seen` by an earlier call. It is parsed again when a line ended, of which
    /// there are about a hundred, and not with each byte of a service that sends one at a time.
    pub(super) fn parse(received: &mut Vec<u8>, seen: usize) -> Result<Option<Self>, CallError> {
        let mut seen = seen;
        loop {
            // httparse passes over any number of empty lines.
            if received.first().is_some_and(|byte| *byte != b'H') {
                return Err(malformed("a response that does not begin with HTTP"));
            }
            let new = received.get(seen..).unwrap_or_default();
            let parsed = match memchr::memchr(b'\n', new) {
                Some(_) => parse(received)?,
                None => None,
            };
            match parsed {
                Some(Parsed::Final(head)) => return Ok(Some(head)),
                Some(Parsed::Interim(length)) => {
                    received.drain(..length);
                    seen = 0;
                }
                None if received.len() >= MAX_RESPONSE_BYTES => {
                    return Err(malformed("the head is longer than 64 KiB"));
                }
                None => return Ok(None),
            }
        }
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, once it is whole. What was given before must be the beginning of it.
    pub(super) fn body(&mut self, received: &[u8]) -> Result<Option<(Bytes, After)>, CallError> {
        let body = received.get(self.length..).unwrap_or_default();
        let whole = match &mut self.body {
            Framing::Length(length) if *length > MAX_RESPONSE_BYTES as u64 => {
                return Err(FailOpenReason::Oversize.into());
            }
            Framing::Length(length) => usize::try_from(*length)
                .ok()
                .and_then(|length| body.split_at_checked(length))
                .map(|(whole, rest)| (Bytes::copy_from_slice(whole), rest)),
            Framing::Chunked(chunks) => chunks.read(body)?,
            Framing::Close if body.len() > MAX_RESPONSE_BYTES => {
                return Err(FailOpenReason::Oversize.into());
            }
            Framing::Close => None,
        };
        Ok(whole.map(|(body, rest)| {
            // What follows the one response that was requested belongs to nothing.
            if self.keeps_open && rest.is_empty() {
                (body, After::Reusable)
            } else {
                (body, After::Spent)
            }
        }))
    }

    /// The body of a response that was not whole before the connection was closed.
    pub(super) fn body_at_end(&self, received: &[u8]) -> Result<(Bytes, After), CallError> {
        match (&self.body, received.get(self.length..)) {
            (Framing::Close, Some(body)) => Ok((Bytes::copy_from_slice(body), After::Spent)),
            _ => Err(malformed("the connection was closed within the body")),
        }
    }
}

fn parse(received: &[u8]) -> Result<Option<Parsed>, CallError> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        received,
        &mut headers,
    );
    let length = match parsed {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(error) => return Err(malformed(error)),
    };
    let (Some(status), Some(version)) = (response.code, response.version) else {
        return Err(malformed("the status line is not whole"));
    };
    match status {
        ..100 => Err(malformed("a status below 100")),
        101 => Err(malformed("nobody requested another protocol")),
        100..200 => Ok(Some(Parsed::Interim(length))),
        _ => {
            let fields = Fields::read(response.headers)?;
            let body = fields.framing(status, version)?;
            Ok(Some(Parsed::Final(Head {
                status,
                retry_after: fields.retry_after,
                keeps_open: fields.keeps_open.unwrap_or(version == 1)
                    && body != Framing::Close
                    && !fields.is_ambiguous(status),
                body,
                length,
            })))
        }
    }
}

/// What the headers say, as far as it matters.
#[derive(Default)]
struct Fields {
    length: Option<u64>,
    /// Whether the last transfer coding is `chunked`; `None` where there is none.
    is_chunked: Option<bool>,
    keeps_open: Option<bool>,
    retry_after: Option<Duration>,
}

impl Fields {
    fn read(headers: &[Header<'_>]) -> Result<Self, CallError> {
        let mut fields = Self::default();
        for header in headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            if is("content-length") {
                let length = length(header.value)?;
                if fields.length.is_some_and(|earlier| earlier != length) {
                    return Err(malformed("two lengths that differ"));
                }
                fields.length = Some(length);
            } else if is("transfer-encoding") {
                let last = tokens(header.value).last();
                fields.is_chunked =
                    Some(last.is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked")));
            } else if is("connection") {
                for token in tokens(header.value) {
                    if token.eq_ignore_ascii_case(b"close") {
                        fields.keeps_open = Some(false);
                    } else if token.eq_ignore_ascii_case(b"keep-alive") {
                        fields.keeps_open = fields.keeps_open.or(Some(true));
                    }
                }
            } else if is("retry-after") && fields.retry_after.is_none() {
                // Dates are ignored: they need a clock that agrees.
                let seconds = length(header.value).ok();
                fields.retry_after = seconds.map(Duration::from_secs);
            }
        }
        Ok(fields)
    }

    /// Whether another reader could see the end of the body elsewhere: that is how responses are smuggled.
    fn is_ambiguous(&self, status: u16) -> bool {
        let has_length = self.length.is_some_and(|length| length > 0);
        let has_coding = self.is_chunked.is_some();
        has_coding && self.length.is_some() || is_without_body(status) && (has_length || has_coding)
    }

    fn framing(&self, status: u16, version: u8) -> Result<Framing, CallError> {
        match (self.is_chunked, self.length) {
            _ if is_without_body(status) => Ok(Framing::Length(0)),
            (Some(_), _) if version == 0 => Err(malformed("a transfer coding in HTTP/1.0")),
            (Some(true), _) => Ok(Framing::Chunked(Chunks::default())),
            (Some(false), _) | (None, None) => Ok(Framing::Close),
            (None, Some(length)) => Ok(Framing::Length(length)),
        }
    }
}

fn is_without_body(status: u16) -> bool {
    matches!(status, 204 | 304)
}

/// A number in digits alone.
fn length(value: &[u8]) -> Result<u64, CallError> {
    let value = value.trim_ascii();
    let text = std::str::from_utf8(value).ok();
    let digits = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| malformed("a length that is no number"))
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|token| !token.is_empty())
}

pub(super) fn malformed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CallError {
    CallError::new(FailOpenReason::Malformed, cause)
}

#[cfg(test)]
mod tests;
