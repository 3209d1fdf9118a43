//! What was sent for a verdict and what came back.

use std::fmt;

use bytes::Bytes;

use crate::redact::Redactor;

/// What was sent for a verdict and what came back, as text and without the API key.
///
/// It is kept where an [`Observer`](crate::Observer) wants it. The text is made when it is read.
#[derive(Clone)]
pub struct Exchange {
    sent: Bytes,
    received: Option<Bytes>,
    redactor: Redactor,
}

impl Exchange {
    pub(crate) fn new(sent: Bytes, redactor: Redactor) -> Self {
        Self {
            sent,
            received: None,
            redactor,
        }
    }

    pub(crate) fn received_body(&mut self, body: Bytes) {
        self.received = Some(body);
    }

    /// The body of the call.
    pub fn sent(&self) -> String {
        self.text(&self.sent)
    }

    /// The body of the response; `None` where none came.
    pub fn received(&self) -> Option<String> {
        self.received.as_ref().map(|body| self.text(body))
    }

    /// How many bytes it keeps in memory.
    pub fn size(&self) -> usize {
        self.sent.len() + self.received.as_ref().map_or(0, Bytes::len)
    }

    fn text(&self, bytes: &Bytes) -> String {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.redactor.redact(text)
    }
}

/// The body of the call holds the key.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}
