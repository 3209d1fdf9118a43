//! One connection, over which requests go and responses come.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use super::reader::Reader;
use super::{Request, Response};

const DRIP_PAUSE: Duration = Duration::from_millis(50);

/// A connection of a visitor. Dropping it hangs up.
#[derive(Debug)]
pub struct Connection {
    writer: OwnedWriteHalf,
    reader: Reader,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (reader, writer) = stream.into_split();
        let reader = Reader::new(reader);
        Self { writer, reader }
    }

    /// Sends a request and reads its response, whole.
    ///
    /// Both at once: an application that streams a body back waits for its reader, and one that
    /// refuses a body may close before all of it is written.
    pub async fn send(&mut self, request: &Request) -> Response {
        let bytes = request.bytes();
        let write = self.writer.write_all(&bytes);
        let read = self.reader.response_to(&request.method);
        let (_refused, response) = tokio::join!(write, read);
        response
    }

    /// Writes bytes, whatever they are.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.writer.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads the next response, whole. It takes the method to tell whether there is a body.
    pub async fn response_to(&mut self, method: &str) -> Response {
        self.reader.response_to(method).await
    }

    /// Reads the head of a response, and leaves its body.
    pub async fn head(&mut self) -> Response {
        self.reader.head().await
    }

    /// Reads the next chunk of a chunked body; none at its end.
    pub async fn chunk(&mut self) -> Option<Vec<u8>> {
        self.reader.chunk().await
    }

    /// Reads this many bytes.
    pub async fn take(&mut self, length: usize) -> Vec<u8> {
        self.reader.take(length).await
    }

    /// Writes a few bytes over and over, slowly, and reads everything until the other side closes.
    pub async fn drip(&mut self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let write = async {
            while self.writer.write_all(bytes.as_ref()).await.is_ok() {
                tokio::time::sleep(DRIP_PAUSE).await;
            }
            // What the other side sent before it closed may still be there to read.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            rest = self.reader.rest() => rest,
            () = write => Vec::new(),
        }
    }

    /// Reads everything until the other side closes. A reset is an end as well.
    pub async fn rest(&mut self) -> Vec<u8> {
        self.reader.rest().await
    }
}
