//! A request, as far as the service needs it.

/// The most bytes of a request's head, and of a line between chunks.
pub(super) const MAX_HEAD_BYTES: usize = 32 * 1024;

/// A complete request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) persistence: Persistence,
}

impl Request {
    /// A record of bytes that are not a request.
    pub(crate) fn unreadable(bytes: Vec<u8>) -> Self {
        Self {
            method: String::new(),
            path: String::new(),
            headers: Vec::new(),
            body: bytes,
            persistence: Persistence::Close,
        }
    }
}

/// Whether the connection serves another request after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persistence {
    KeepAlive,
    Close,
}

/// The values of a header, in their order.
pub(crate) fn values<'a>(
    headers: &'a [(String, Vec<u8>)],
    name: &str,
) -> impl Iterator<Item = &'a [u8]> {
    headers
        .iter()
        .filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_slice())
}
