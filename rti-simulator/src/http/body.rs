//! Where a request's body ends.

use super::message::{MAX_HEAD_BYTES, values};
use crate::refusal::Refusal;

/// How the head says where the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length(usize),
    Chunked,
}

/// A body, and how many bytes it and its framing took; none while it is incomplete.
type Decoded = Result<Option<(Vec<u8>, usize)>, Refusal>;

impl Framing {
    /// Two statements of the length allow request smuggling, so they are refused.
    pub(super) fn of(headers: &[(String, Vec<u8>)]) -> Result<Self, Refusal> {
        let mut lengths = values(headers, "content-length");
        let mut codings = values(headers, "transfer-encoding");
        match (lengths.next(), codings.next()) {
            (None, None) => Ok(Self::Length(0)),
            (Some(length), None) if lengths.next().is_none() => content_length(length),
            (None, Some(coding)) if codings.next().is_none() => {
                if coding.eq_ignore_ascii_case(b"chunked") {
                    Ok(Self::Chunked)
                } else {
                    Err(Refusal::new(501, "a transfer coding other than chunked"))
                }
            }
            _ => Err(Refusal::new(
                400,
                "more than one statement of the body's length",
            )),
        }
    }

    pub(super) fn decode(self, bytes: &[u8], limit: usize) -> Decoded {
        match self {
            Self::Length(length) if length > limit => Err(too_large(limit)),
            Self::Length(length) => Ok(bytes.get(..length).map(|body| (body.to_vec(), length))),
            Self::Chunked => chunked(bytes, limit),
        }
    }
}

fn content_length(value: &[u8]) -> Result<Framing, Refusal> {
    std::str::from_utf8(value)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .map(Framing::Length)
        .ok_or_else(|| Refusal::new(400, "Content-Length is not a number"))
}

fn chunked(bytes: &[u8], limit: usize) -> Decoded {
    let mut body = Vec::new();
    let mut rest = bytes;
    loop {
        let (line, size) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete((line, size))) => (line, size),
            Ok(httparse::Status::Partial) => return incomplete(rest),
            Err(_) => return Err(Refusal::new(400, "not a chunk size")),
        };
        let after_line = rest.get(line..).unwrap_or_default();
        if size == 0 {
            return Ok(trailers(after_line)?.map(|trailers| {
                let left = after_line.len() - trailers;
                (body, bytes.len() - left)
            }));
        }
        let Some(size) = usize::try_from(size)
            .ok()
            .filter(|size| *size <= limit - body.len())
        else {
            return Err(too_large(limit));
        };
        // The line break after the data belongs to the chunk.
        let (Some(data), Some(end)) = (after_line.get(..size), after_line.get(size..size + 2))
        else {
            return Ok(None);
        };
        if end != b"\r\n" {
            return Err(Refusal::new(400, "a chunk longer than its size"));
        }
        body.extend_from_slice(data);
        rest = after_line.get(size + 2..).unwrap_or_default();
    }
}

fn trailers(bytes: &[u8]) -> Result<Option<usize>, Refusal> {
    let mut storage = [httparse::EMPTY_HEADER; 16];
    match httparse::parse_headers(bytes, &mut storage) {
        Ok(httparse::Status::Complete((length, _))) => Ok(Some(length)),
        Ok(httparse::Status::Partial) => incomplete(bytes),
        Err(error) => Err(Refusal::new(400, format!("not trailers: {error}"))),
    }
}

/// An endless line must not fill the memory.
fn incomplete<T>(bytes: &[u8]) -> Result<Option<T>, Refusal> {
    if bytes.len() > MAX_HEAD_BYTES {
        return Err(Refusal::new(400, "a line of the chunked body is too long"));
    }
    Ok(None)
}

fn too_large(limit: usize) -> Refusal {
    Refusal::new(413, format!("the body has more than {limit} bytes"))
}
