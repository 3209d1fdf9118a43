//! A framework under test.

mod actix;
mod axum;
mod custom;
mod rocket;

use std::net::SocketAddr;

use futures_util::future::BoxFuture;
use rti_core::Rti;
use tokio::sync::{oneshot, watch};

use crate::application::{Application, BlockPage, Challenge};
use crate::cors::Cors;

/// Every framework that there is an adapter for.
pub fn all() -> Vec<&'static dyn Framework> {
    vec![
        &axum::Axum,
        &actix::Actix,
        &rocket::RocketFramework,
        &custom::Custom,
    ]
}

/// A framework, as the suite sees it.
pub trait Framework: Send + Sync + 'static {
    /// The name in front of each case.
    fn name(&self) -> &'static str;

    /// What is sent as the middleware's name, without the version.
    fn middleware(&self) -> &'static str;

    /// What it cannot do, and why. Everything else it must do.
    fn limits(&self) -> &'static [Limit] {
        &[]
    }

    /// Starts the application on a free port of loopback, protected as `setup` says.
    fn start(&self, setup: Setup) -> BoxFuture<'static, Server>;
}

/// What a framework starts with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The state behind the routes.
    pub application: Application,
    /// What the application is protected with.
    pub rti: Rti,
    /// How often `rti` is layered around the application: once, as a rule.
    pub layers: usize,
    /// What is done with visitors to be challenged, by either engine.
    pub challenge: Challenge,
    /// Where CORS is.
    pub cors: Cors,
    /// The page of visitors whom either engine blocks.
    pub block_page: BlockPage,
    /// What protects the same routes below `/second`; without it there are none.
    pub second: Option<Rti>,
}

/// Something that not every framework can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// The order of different headers reaches the adapter.
    HeaderOrder,
    /// A repeated header keeps each of its places among the others.
    RepeatedHeaderPlaces,
    /// Header names reach the adapter in the case they were written in.
    HeaderCase,
    /// Header values that are not UTF-8 reach the adapter.
    NonUtf8HeaderValues,
    /// The host of an absolute target reaches the adapter.
    AbsoluteTargets,
    /// A header can be removed from a request; elsewhere it loses its value.
    RemovesHeaders,
    /// A panic of the challenge callback is caught.
    ChallengePanics,
    /// Methods that no RFC knows reach the adapter.
    UnknownMethods,
    /// HTTP/2 over cleartext, by prior knowledge.
    Http2,
    /// WebSocket upgrades.
    WebSocket,
    /// `Expect: 100-continue` is answered when the handler begins to read, and not before a verdict.
    ExpectContinue,
    /// A request reaches the adapter before the first byte of its body has come.
    HeadBeforeBody,
    /// HTTP/1.0 requests without `Host` are served.
    Http10WithoutHost,
    /// A handler's panic becomes a 500.
    PanicAsResponse,
    /// A visitor who hangs up ends the handling of the request.
    NoticesHangUp,
    /// What an application adds to its responses can be kept off those that RTI gives.
    ResponsesInside,
    /// The same engine can be layered more than once.
    Layering,
    /// Two engines can protect two parts of one application.
    TwoEngines,
}

/// What a framework cannot do, and why.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What it cannot do.
    pub capability: Capability,
    /// Why not.
    pub reason: &'static str,
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
