//! A chunked body (RFC 9112, section 7.1), from the bytes received so far.

use bytes::Bytes;
use httparse::Status;

use super::response::malformed;
use crate::error::{CallError, FailOpenReason};
use crate::transport::MAX_RESPONSE_BYTES;

/// The most beside its content that a chunked body may take: sizes, extensions and trailers.
pub(super) const MAX_OVERHEAD: usize = 16 * 1024;

/// What was read of it. A chunk is not read again with the next bytes: a service that sends a byte at a
/// time would cost a processor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chunks {
    content: Vec<u8>,
    /// Where the first chunk begins that was not whole.
    next: usize,
}

impl Chunks {
    /// The content of this body and what follows it, once it is whole. What was given before must be
    /// the beginning of it.
    pub(super) fn read<'a>(
        &mut self,
        body: &'a [u8],
    ) -> Result<Option<(Bytes, &'a [u8])>, CallError> {
        loop {
            let rest = body.get(self.next..).unwrap_or_default();
            let Some((line, size)) = size(rest)? else {
                return self.incomplete(rest.len());
            };
            let rest = rest.get(line..).unwrap_or_default();
            if size == 0 {
                return match after_trailers(rest)? {
                    Some(rest) => Ok(Some((std::mem::take(&mut self.content).into(), rest))),
                    None => self.incomplete(line + rest.len()),
                };
            }
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            if size.saturating_add(self.content.len()) > MAX_RESPONSE_BYTES {
                return Err(FailOpenReason::Oversize.into());
            }
            let Some((chunk, end)) = rest.split_at_checked(size) else {
                return self.incomplete(line);
            };
            match end {
                [b'\r', b'\n', ..] => {}
                [] | [b'\r'] => return self.incomplete(line),
                _ => return Err(malformed("a chunk of another size")),
            }
            self.content.extend_from_slice(chunk);
            self.next += line + size + 2;
        }
    }

    /// More is to be received, and so many bytes of what follows the last chunk are not content.
    fn incomplete<T>(&self, pending: usize) -> Result<Option<T>, CallError> {
        if self.next.saturating_sub(self.content.len()) + pending > MAX_OVERHEAD {
            return Err(malformed("chunks with too much beside them"));
        }
        Ok(None)
    }
}

/// The length of the line that begins a chunk, and the size in it. httparse takes a line without a digit
/// for a size of zero, which is where the body would end.
fn size(rest: &[u8]) -> Result<Option<(usize, u64)>, CallError> {
    match rest.first() {
        None => return Ok(None),
        Some(digit) if digit.is_ascii_hexdigit() => {}
        Some(_) => return Err(malformed("a chunk without a size")),
    }
    match httparse::parse_chunk_size(rest) {
        Ok(Status::Complete(size)) => Ok(Some(size)),
        Ok(Status::Partial) => Ok(None),
        Err(_invalid) => Err(malformed("a chunk without a size")),
    }
}

/// What follows the trailers, once they are whole. They are not looked at.
fn after_trailers(rest: &[u8]) -> Result<Option<&[u8]>, CallError> {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    match httparse::parse_headers(rest, &mut headers) {
        Ok(Status::Complete((length, _))) => Ok(rest.get(length..)),
        Ok(Status::Partial) => Ok(None),
        Err(error) => Err(malformed(error)),
    }
}
