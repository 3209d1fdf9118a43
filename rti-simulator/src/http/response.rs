//! A response and its bytes.

use super::message::Persistence;

/// A complete response.
#[derive(Debug)]
pub(crate) struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body).header("Content-Type", "application/json")
    }

    pub(crate) fn script(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body).header("Content-Type", "text/javascript; charset=utf-8")
    }

    pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, body).header("Content-Type", "text/plain; charset=utf-8")
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The head that belongs to this body.
    pub(crate) fn head(&self, connection: Persistence) -> Vec<u8> {
        self.head_with_length(self.body.len(), connection)
    }

    /// A head that states another length than the body has.
    pub(crate) fn head_with_length(&self, length: usize, connection: Persistence) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, phrase(self.status));
        let length = ("Content-Length", length.to_string());
        let close = ("Connection", "close".to_owned());
        let close = (connection == Persistence::Close).then_some(&close);
        for (name, value) in self.headers.iter().chain([&length]).chain(close) {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// Head and body together, so that they are sent in one segment.
    pub(crate) fn bytes(&self, connection: Persistence) -> Vec<u8> {
        [&self.head(connection), self.body()].concat()
    }
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        // The phrase may be empty, the space before it may not.
        _ => "",
    }
}
