//! What the author of an adapter implements, and what it is given.

use std::net::SocketAddr;

use futures_util::future::BoxFuture;
use rti_core::Rti;
use tokio::sync::{oneshot, watch};

use crate::application::{Application, BlockPage, Challenge};
use crate::capability::Limit;
use crate::cors::Cors;

/// Runs the application of the suite on a framework, behind its adapter.
pub trait Harness: Send + Sync + 'static {
    /// The name of the framework: each test's name begins with it.
    fn name(&self) -> &'static str;

    /// What is sent as the middleware's name, without the version.
    fn middleware(&self) -> &'static str;

    /// What the framework cannot do, and why; nothing by default. It must do everything else.
    fn limits(&self) -> &'static [Limit] {
        &[]
    }

    /// Starts the application on a free port of 127.0.0.1, protected as `setup` says. Its routes are those
    /// of [`application`](crate::application).
    fn start(&self, setup: Setup) -> BoxFuture<'static, Server>;
}

/// What an application starts with.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Setup {
    /// The state behind the routes.
    pub application: Application,
    /// What the application is protected with.
    pub rti: Rti,
    /// How often `rti` is layered around the application: once, as a rule.
    pub layers: usize,
    /// What is done with visitors to be challenged, by either engine.
    pub challenge: Challenge,
    /// The challenge kit of `rti`, where there is one. The framework needs [`Capability::ChallengeKit`]
    /// for it.
    ///
    /// [`Capability::ChallengeKit`]: crate::Capability::ChallengeKit
    pub kit: Option<rti_challenge::Challenge>,
    /// The one of `second`.
    pub second_kit: Option<rti_challenge::Challenge>,
    /// Where CORS is.
    pub cors: Cors,
    /// The page of visitors whom either engine blocks.
    pub block_page: BlockPage,
    /// What protects the same routes below `/second`; without it there are none.
    pub second: Option<Rti>,
}

impl Setup {
    /// An application behind one layer of this engine, without callbacks.
    pub fn new(application: Application, rti: Rti) -> Self {
        Self {
            application,
            rti,
            layers: 1,
            challenge: Challenge::None,
            block_page: BlockPage::None,
            kit: None,
            second_kit: None,
            cors: Cors::None,
            second: None,
        }
    }
}

/// A running application. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    stopped: watch::Receiver<bool>,
}

impl Server {
    /// A server at this address, with what stops it: the receiver resolves when it is to shut down
    /// gracefully, or fails when this was dropped; the sender says that it has stopped.
    pub fn new(address: SocketAddr) -> (Self, oneshot::Receiver<()>, watch::Sender<bool>) {
        let (stop, to_stop) = oneshot::channel();
        let (has_stopped, stopped) = watch::channel(false);
        let server = Self {
            address,
            stop: Some(stop),
            stopped,
        };
        (server, to_stop, has_stopped)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins a graceful shutdown: what is under way is finished.
    pub fn begin_shutdown(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap();
        }
    }

    /// Waits until the server has stopped.
    pub async fn stopped(&mut self) {
        // A server that is gone without a word has stopped as well.
        let _ = self.stopped.wait_for(|stopped| *stopped).await;
    }
}
