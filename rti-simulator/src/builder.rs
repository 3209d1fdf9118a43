//! A simulator's settings.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, RwLock};

use tokio::net::TcpListener;

use crate::error::{Error, ErrorKind};
use crate::journal::Journal;
use crate::received::Received;
use crate::rule::Rule;
use crate::rules::Rules;
use crate::service::{Credentials, Observer, RequestIds, Service};
use crate::simulator::Simulator;

/// The settings of a [`Simulator`]. Only [`start`](Self::start) can fail.
///
/// ```
/// use rti_simulator::{Rule, Simulator, Verdict};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), rti_simulator::Error> {
/// let simulator = Simulator::builder()
///     .api_key("k-1")
///     .rules([Rule::always().then(Verdict::threat(3))])
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing listens before `start`"]
pub struct SimulatorBuilder {
    address: SocketAddr,
    rules: Rules,
    credentials: Credentials,
    body_limit: usize,
    journal_capacity: usize,
    observer: Option<Observer>,
}

impl Default for SimulatorBuilder {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            rules: Rules::default(),
            credentials: Credentials::default(),
            body_limit: 64 * 1024,
            journal_capacity: 100_000,
            observer: None,
        }
    }
}

impl SimulatorBuilder {
    /// The loopback address to listen on. Default: `127.0.0.1`, any free port.
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// The rules in their order. Default: [`Rules::default`].
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules = rules.into_iter().collect();
        self
    }

    /// Refuses any other API key with 401. Default: any will do.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.credentials.api_key = Some(key.into());
        self
    }

    /// Refuses any other tag hash with 401. Default: any will do.
    pub fn tag_hash(mut self, hash: impl Into<String>) -> Self {
        self.credentials.tag_hash = Some(hash.into());
        self
    }

    /// The most bytes of a request's body. Default: 64 KiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The most requests that the journal keeps; the oldest go first. Default: 100 000.
    pub fn journal_capacity(mut self, requests: usize) -> Self {
        self.journal_capacity = requests;
        self
    }

    /// Calls this with each request once it was judged, before it is answered. Default: nothing.
    pub fn observe(mut self, observer: impl Fn(&Received) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Binds the address and answers from then on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotLoopback`] or [`ErrorKind::Bind`].
    pub async fn start(self) -> Result<Simulator, Error> {
        let address = self.address;
        if !address.ip().is_loopback() {
            let message = format!("{address} is not a loopback address");
            return Err(Error::new(ErrorKind::NotLoopback, message));
        }
        let cannot_bind = |cause| {
            Error::new(ErrorKind::Bind, format!("cannot listen on {address}")).because(cause)
        };
        let listener = TcpListener::bind(address).await.map_err(cannot_bind)?;
        let bound = listener.local_addr().map_err(cannot_bind)?;
        let service = Service {
            rules: RwLock::new(Arc::new(self.rules)),
            journal: Journal::new(self.journal_capacity),
            body_limit: self.body_limit,
            credentials: self.credentials,
            observer: self.observer,
            request_ids: RequestIds::starting_now(),
        };
        Ok(Simulator::run(listener, bound, service))
    }
}
