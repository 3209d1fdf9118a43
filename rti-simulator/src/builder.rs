//! A simulator's settings, and its start.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, RwLock};

use tokio::net::TcpListener;

use crate::error::{Error, ErrorKind};
use crate::journal::Journal;
use crate::received::Received;
use crate::rule::Rule;
use crate::rules::{Rules, Settings, settings_from_file, settings_from_str};
use crate::service::{Credentials, Departures, Observer, RequestIds, Service};
use crate::simulator::Simulator;

/// The settings of a [`Simulator`]. Only reading TOML and [`start`](Self::start) can fail.
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
#[must_use = "a simulator runs only after `start`"]
pub struct SimulatorBuilder {
    address: SocketAddr,
    /// None for the default rules, whose patterns are compiled only if they are used.
    rules: Option<Rules>,
    departures: Departures,
    credentials: Credentials,
    body_limit: usize,
    journal_capacity: usize,
    observer: Option<Observer>,
}

impl Default for SimulatorBuilder {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            rules: None,
            departures: Departures::Remarked,
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
        self.rules = Some(rules.into_iter().collect());
        self
    }

    /// Refuses requests that depart from the specification, with 400 and the first departure. Default:
    /// they are answered, as the service does, and the journal has a [`Remark`](crate::Remark) on each.
    ///
    /// For tests of a client that shall keep to the specification.
    pub fn strict(mut self) -> Self {
        self.departures = Departures::Refused;
        self
    }

    /// Takes rules and settings from TOML; the crate's `rules.example.toml` shows everything that is
    /// possible. A file without rules leaves the rules as they are, and `strict = false` does not undo
    /// [`strict`](Self::strict).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRules`], with the line of the mistake, or the line, number and name of the
    /// rule that has it.
    pub fn toml_str(self, text: &str) -> Result<Self, Error> {
        settings_from_str(text).map(|settings| self.settings(settings))
    }

    /// Takes rules and settings from a TOML file; see [`toml_str`](Self::toml_str).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnreadableRules`] or [`ErrorKind::InvalidRules`].
    pub fn toml_file(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        settings_from_file(path.as_ref()).map(|settings| self.settings(settings))
    }

    fn settings(mut self, settings: Settings) -> Self {
        if !settings.rules.is_empty() {
            self = self.rules(settings.rules);
        }
        if settings.strict {
            self = self.strict();
        }
        self
    }

    /// Refuses any other API key with 401. Default: any key is accepted.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.credentials.api_key = Some(key.into());
        self
    }

    /// Refuses any other tag hash with 401. Default: any hash is accepted.
    pub fn tag_hash(mut self, hash: impl Into<String>) -> Self {
        self.credentials.tag_hash = Some(hash.into());
        self
    }

    /// The maximum size of a request's body, in bytes. Default: 64 KiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The maximum number of requests in the journal; the oldest are dropped first. Default: 100 000.
    pub fn journal_capacity(mut self, requests: usize) -> Self {
        self.journal_capacity = requests;
        self
    }

    /// Calls this with each request after the decision on it, before the response. Default: nothing.
    pub fn observe(mut self, observer: impl Fn(&Received) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Binds the address and begins to answer.
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
            rules: RwLock::new(Arc::new(self.rules.unwrap_or_default())),
            journal: Journal::new(self.journal_capacity),
            body_limit: self.body_limit,
            departures: self.departures,
            credentials: self.credentials,
            observer: self.observer,
            request_ids: RequestIds::starting_now(),
        };
        Ok(Simulator::run(listener, bound, service))
    }
}

impl Simulator {
    /// Starts with the default settings: the [default rules](Rules::default), not
    /// [strict](SimulatorBuilder::strict), on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Bind`] if there is no free port.
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// Settings to start with.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }
}
