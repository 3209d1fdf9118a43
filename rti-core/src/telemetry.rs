//! Telemetry to the service: how long decisions took, and why there were none.
//!
//! A decision puts a few words into a bounded queue. One task sends them, one after the other over one
//! connection: the protocol has no place for more than one message in a request. What does not fit into
//! the queue is dropped and counted; a request never waits.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::uri::PathAndQuery;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::config::{Config, ConfigError};
use crate::decision::{Decision, Outcome};
use crate::error::{CallError, FailOpenReason};
use crate::observer::Observer;
use crate::transport::{ApiRequest, HttpTransport};

/// How many messages wait at most: 24 KiB.
const QUEUE: usize = 1024;

/// How long one message may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// After a message that could not be sent: a service that is gone is not called in a loop.
const PAUSE: Duration = Duration::from_secs(1);

/// Clones share it.
#[derive(Clone)]
pub(crate) struct Telemetry(Arc<Shared>);

struct Shared {
    destination: Destination,
    queue: Mutex<Sender<Message>>,
    dropped: AtomicU64,
    has_warned: AtomicBool,
}

struct Destination {
    transport: HttpTransport,
    path: PathAndQuery,
    /// They may change at run time.
    credentials: ArcSwap<Credentials>,
}

struct Credentials {
    api_key: SecretString,
    tag_hash: String,
}

impl Credentials {
    fn of(config: &Config) -> Self {
        let settings = config.settings();
        Self {
            api_key: settings.api_key.clone(),
            tag_hash: settings.tag_hash.clone(),
        }
    }
}

/// What is to be sent, made into text by the task.
struct Message {
    application: &'static str,
    content: Content,
}

enum Content {
    Duration(Duration),
    NoVerdict(FailOpenReason),
}

impl Telemetry {
    /// `None` where it is off, or cannot be sent, which is logged: nobody's visitors depend on it.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let settings = config.settings();
        let url = settings.telemetry.as_ref()?;
        let transport = HttpTransport::single(&url.origin, config, DEADLINE);
        let path = PathAndQuery::try_from(&*url.path);
        let (transport, path) = match (transport, path) {
            (Ok(transport), Ok(path)) => (transport, path),
            (Err(error), _) => return cannot_be_sent(&error),
            (_, Err(error)) => return cannot_be_sent(&error),
        };
        // The task is started with the first message, inside a runtime.
        let (queue, _) = mpsc::channel(1);
        Some(Self(Arc::new(Shared {
            destination: Destination {
                transport,
                path,
                credentials: ArcSwap::from_pointee(Credentials::of(config)),
            },
            queue: Mutex::new(queue),
            dropped: AtomicU64::new(0),
            has_warned: AtomicBool::new(false),
        })))
    }

    /// How many messages were not sent.
    pub(crate) fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }
}

fn cannot_be_sent(error: &dyn std::error::Error) -> Option<Telemetry> {
    tracing::warn!(target: "rti", %error, "telemetry is off: it cannot be sent");
    None
}

impl Observer for Telemetry {
    fn decided(&self, decision: &Decision) {
        let content = match decision.outcome() {
            Outcome::Evaluated(_) => Content::Duration(decision.elapsed()),
            Outcome::FailedOpen(reason) | Outcome::FailedClosed(reason) => {
                Content::NoVerdict(*reason)
            }
            Outcome::Skipped(_) => return,
        };
        let application = decision.middleware();
        let message = Message {
            application,
            content,
        };
        if !self.put(message) {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn config_reloaded(&self, result: Result<&Config, &ConfigError>) {
        if let Ok(config) = result {
            let credentials = Arc::new(Credentials::of(config));
            self.0.destination.credentials.store(credentials);
        }
    }
}

impl Telemetry {
    /// Whether there was room. Where there is no task, or its runtime has ended, another one is started.
    fn put(&self, message: Message) -> bool {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let message = match queue.try_send(message) {
            Ok(()) => return true,
            Err(TrySendError::Full(_)) => return false,
            Err(TrySendError::Closed(message)) => message,
        };
        let Ok(runtime) = Handle::try_current() else {
            return false;
        };
        let (sender, receiver) = mpsc::channel(QUEUE);
        *queue = sender;
        runtime.spawn(send_all(Arc::downgrade(&self.0), receiver));
        queue.try_send(message).is_ok()
    }
}

/// Ends with the engine. What is in the queue then is not sent.
async fn send_all(shared: Weak<Shared>, mut queue: Receiver<Message>) {
    while let Some(message) = queue.recv().await {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        if let Err(error) = shared.destination.send(&message).await {
            shared.dropped.fetch_add(1, Ordering::Relaxed);
            shared.warn(&error);
            drop(shared);
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Shared {
    fn warn(&self, error: &CallError) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "rti",
                reason = %error.kind(),
                "telemetry cannot be sent; it is dropped, and this is not logged again"
            );
        }
    }
}

/// The names are the service's own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    level: &'static str,
    api_key: &'a str,
    tag_hash: &'a str,
    action: &'static str,
    application: &'static str,
    message: String,
}

impl Destination {
    async fn send(&self, message: &Message) -> Result<(), CallError> {
        let (level, text) = match message.content {
            Content::Duration(waited) => ("info", format!("rti_duration: {}", waited.as_millis())),
            Content::NoVerdict(reason @ FailOpenReason::Internal) => {
                ("error", format!("failing open: {reason}"))
            }
            Content::NoVerdict(reason) => ("warn", format!("failing open: {reason}")),
        };
        let credentials = self.credentials.load_full();
        let body = serde_json::to_vec(&Body {
            level,
            api_key: credentials.api_key.expose_secret(),
            tag_hash: &credentials.tag_hash,
            action: "check",
            application: message.application,
            message: text,
        });
        let body = body.map_err(|error| CallError::new(FailOpenReason::Internal, error))?;
        let call = ApiRequest::new("", "application/json", body.into());
        let post = self.transport.post(self.path.as_str(), &call);
        match tokio::time::timeout(DEADLINE, post).await {
            Ok(Ok(response)) if (200..300).contains(&response.status) => Ok(()),
            Ok(Ok(response)) => Err(FailOpenReason::Status(response.status).into()),
            Ok(Err(error)) => Err(error),
            Err(_elapsed) => Err(FailOpenReason::Timeout.into()),
        }
    }
}
