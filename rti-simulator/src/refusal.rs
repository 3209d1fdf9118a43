//! Why a request gets no verdict.

use std::fmt;

/// Why a request was refused, and with which status.
///
/// ```
/// use rti_simulator::Simulator;
/// use tokio::io::AsyncWriteExt as _;
/// use tokio::net::TcpStream;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let simulator = Simulator::start().await?;
/// let mut client = TcpStream::connect(simulator.address()).await?;
/// client.write_all(b"POST /v2 HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
/// simulator.wait_for(1).await;
///
/// for received in simulator.refusals() {
///     assert_eq!(received.refusal().map(|refusal| refusal.status()), Some(404));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    reason: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { status, reason }
    }

    /// The status of the response.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The reason, which is the body of the response.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.reason)
    }
}
