//! Reading responses off a connection.

use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;

use super::Response;

#[derive(Debug)]
pub(super) struct Reader {
    stream: OwnedReadHalf,
    unread: Vec<u8>,
}

impl Reader {
    pub(super) fn new(stream: OwnedReadHalf) -> Self {
        let unread = Vec::new();
        Self { stream, unread }
    }

    pub(super) async fn response_to(&mut self, method: &str) -> Response {
        let mut response = self.head().await;
        if method != "HEAD" && !matches!(response.status, 100..200 | 204 | 304) {
            response.body = self.body(&response).await;
        }
        response
    }

    async fn body(&mut self, head: &Response) -> Vec<u8> {
        if head.header("Transfer-Encoding") == Some("chunked") {
            let mut body = Vec::new();
            while let Some(chunk) = self.chunk().await {
                body.extend(chunk);
            }
            return body;
        }
        match head.header("Content-Length") {
            Some(length) => self.take(length.parse().unwrap()).await,
            None => self.rest().await,
        }
    }

    pub(super) async fn head(&mut self) -> Response {
        loop {
            if let Some((response, length)) = parse(&self.unread) {
                self.unread.drain(..length);
                return response;
            }
            self.more().await;
        }
    }

    pub(super) async fn chunk(&mut self) -> Option<Vec<u8>> {
        let line = self.line().await;
        let size = line.split(';').next().unwrap().trim();
        let size = usize::from_str_radix(size, 16).unwrap();
        let chunk = self.take(size).await;
        assert_eq!(self.line().await, "", "behind a chunk");
        (size > 0).then_some(chunk)
    }

    pub(super) async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.unread.len() < length {
            self.more().await;
        }
        self.unread.drain(..length).collect()
    }

    pub(super) async fn rest(&mut self) -> Vec<u8> {
        let _ = self.stream.read_to_end(&mut self.unread).await;
        std::mem::take(&mut self.unread)
    }

    async fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\r\n") {
                let line: Vec<u8> = self.unread.drain(..end + 2).collect();
                return String::from_utf8(line[..end].to_vec()).unwrap();
            }
            self.more().await;
        }
    }

    async fn more(&mut self) {
        let read = self.stream.read_buf(&mut self.unread).await.unwrap();
        let so_far = String::from_utf8_lossy(&self.unread);
        assert!(read > 0, "closed within a response: {so_far:?}");
    }
}

/// The head of a response, and how many bytes it takes.
fn parse(bytes: &[u8]) -> Option<(Response, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(bytes).unwrap() else {
        return None;
    };
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let headers = head.headers.iter();
    let response = Response {
        status: head.code.unwrap(),
        headers: headers
            .map(|header| (header.name.to_owned(), text(header.value)))
            .collect(),
        body: Vec::new(),
    };
    Some((response, length))
}
