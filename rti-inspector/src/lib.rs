//! A page that shows what Real-Time Interception (RTI) decides, and what blocking would do: for people who
//! develop with it, and for those who operate it. `docs/inspector.md` shows the page and its JSON.
//!
//! ```no_run
//! use rti_core::{Config, Rti};
//! use rti_inspector::Inspector;
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let inspector = Inspector::new()?;
//! let rti = inspector.observe(Rti::builder(Config::from_env()?)).build()?;
//! inspector.watch(&rti);
//! let server = inspector.serve(([127, 0, 0, 1], 0).into())?;
//! println!("inspector on {}", server.url());
//! # Ok(())
//! # }
//! ```
//!
//! It is an observer of the engine: it counts all decisions and keeps the last of them, bounded in number,
//! bytes, and number a second. No request waits for it. How many it did not keep it says.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../../docs/inspector.md")]
struct Pages;

mod aggregates;
mod anonymize;
mod builder;
mod detail;
mod engine;
mod error;
mod explanation;
#[cfg(feature = "sqlite")]
mod file;
mod filter;
mod intake;
mod page;
mod record;
mod recorder;
mod ring;
mod row;
mod server;
mod service;
mod store;
mod summary;
mod tally;
mod web;
mod what_if;

use std::net::SocketAddr;
use std::sync::Arc;

use rti_core::{Rti, RtiBuilder};

pub use self::anonymize::Anonymize;
pub use self::builder::InspectorBuilder;
use self::engine::Watched;
pub use self::error::InspectorError;
use self::intake::Intake;
use self::recorder::Recorder;
pub use self::server::InspectorServer;
pub use self::service::InspectorService;
use self::store::Shared;
use self::web::{Access, Hosts, View};

/// Keeps what an engine decides, and shows it. Cheap to clone.
///
/// It observes one engine: make one for each. See the [crate] for an example.
#[derive(Clone)]
pub struct Inspector {
    shared: Arc<Shared>,
    recorder: Arc<Recorder>,
    watched: Watched,
    hosts: Arc<[Box<str>]>,
}

impl Inspector {
    /// An inspector that keeps 10,000 decisions or 16 MiB of them in memory, whichever is less.
    ///
    /// # Errors
    /// The system gives no thread or no random numbers.
    pub fn new() -> Result<Self, InspectorError> {
        Self::builder().build()
    }

    /// Begins an inspector with other bounds, with a file, or with anonymous clients.
    pub fn builder() -> InspectorBuilder {
        InspectorBuilder::default()
    }

    /// The inspector that the environment describes, and the address to [serve](Self::serve) it on.
    /// `None` where `RTI_INSPECTOR` is not set.
    ///
    /// | variable | what it takes |
    /// | --- | --- |
    /// | `RTI_INSPECTOR` | an address and a port, such as `127.0.0.1:0`, where 0 is any free port |
    /// | `RTI_INSPECTOR_HOSTS` | names under which it is reached from elsewhere: [`InspectorBuilder::hosts`] |
    /// | `RTI_INSPECTOR_ANONYMIZE` | `off` or `networks`: [`InspectorBuilder::anonymize`] |
    /// | `RTI_INSPECTOR_FILE` | a file, with the feature `sqlite`: `InspectorBuilder::file` |
    ///
    /// # Errors
    /// A variable breaks its rule, or what [`InspectorBuilder::build`] says.
    pub fn from_env() -> Result<Option<(Self, SocketAddr)>, InspectorError> {
        InspectorBuilder::from_vars(|name| std::env::var(name).ok())
    }

    /// Adds the inspector to an engine that is being made. What was sent and what came back is kept with each
    /// decision, unless clients are anonymous.
    ///
    /// Observers belong to an engine from its start, so it takes the builder and not the engine.
    pub fn observe(&self, engine: RtiBuilder) -> RtiBuilder {
        self.shared.configured().observed(engine.config().clone());
        engine.observer(Arc::clone(&self.recorder))
    }

    /// Shows what this engine is doing now as well: calls in flight, connections, and the mode in force where it
    /// is switched at run time. It is the engine that the inspector [observes](Self::observe).
    ///
    /// The inspector and its servers hold the engine then, until they are dropped.
    pub fn watch(&self, rti: &Rti) {
        self.watched.set(rti.clone());
    }

    /// Serves the page on an address, on a thread of its own, until the server is dropped.
    ///
    /// The page is reached by [`InspectorServer::url`], which holds a token, and under no other host than
    /// the loopback addresses and `localhost`, unless there are [`InspectorBuilder::hosts`].
    ///
    /// # Errors
    /// The address is not on loopback and no hosts are given, or cannot be listened on.
    pub fn serve(&self, address: SocketAddr) -> Result<InspectorServer, InspectorError> {
        InspectorServer::start(self.view(), address, &self.hosts)
    }

    /// The page as a tower service, to mount behind a login of your own, in the path `/inspector/` for
    /// example. **There is no token: whoever reaches the service sees everything.**
    ///
    /// `hosts` are the values of `Host` under which your site is reached, with the port where there is one.
    /// Requests with another host, or from pages of another origin, are refused.
    ///
    /// ```
    /// use axum::Router;
    /// use rti_inspector::Inspector;
    ///
    /// # fn app(inspector: &Inspector) -> Router {
    /// let page = inspector.service_behind_login(["shop.example"]);
    /// Router::new().nest_service("/inspector", page) // .layer(…): your login
    /// # }
    /// ```
    pub fn service_behind_login<H: Into<String>>(
        &self,
        hosts: impl IntoIterator<Item = H>,
    ) -> InspectorService {
        let hosts = Hosts::new(hosts.into_iter().map(Into::into));
        InspectorService::new(self.view(), Access::behind_login(hosts))
    }

    fn view(&self) -> View {
        View {
            shared: Arc::clone(&self.shared),
            watched: self.watched.clone(),
        }
    }

    /// Waits until the decisions up to now are counted, and written where there is a file: at most five
    /// seconds. For tests, and before a program ends.
    pub fn flush(&self) {
        self.recorder.flush();
    }
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector").finish_non_exhaustive()
    }
}
