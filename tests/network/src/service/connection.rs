//! What all connections of a service share, and how one begins.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use super::{Behaviour, Failure, Http, http1, http2};

/// The state of one service.
#[derive(Debug)]
pub(super) struct Shared {
    behaviour: Mutex<(Behaviour, Rng)>,
    accepted: watch::Sender<u64>,
    open: AtomicU64,
    requests: AtomicU64,
    /// Connections with lower numbers are closed.
    closed_below: watch::Sender<u64>,
    /// Connections with lower numbers answer nothing.
    silent_below: AtomicU64,
}

/// A connection that counts as open while this lives.
#[derive(Debug)]
pub(super) struct Open {
    number: u64,
    shared: Arc<Shared>,
}

/// What the service does with a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub(super) takes: Duration,
    pub(super) kind: AnswerKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerKind {
    Verdict,
    Failure(Failure),
    /// HTTP/2 alone.
    Refusal,
}

/// What every visitor is: a bot.
pub(super) const VERDICT: &str =
    r#"{"version":1,"isInvalid":true,"threatTypeCode":3,"requestId":"r-1"}"#;

impl Shared {
    pub(super) fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour: Mutex::new((behaviour, Rng::with_seed(1))),
            accepted: watch::Sender::new(0),
            open: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            closed_below: watch::Sender::new(0),
            silent_below: AtomicU64::new(0),
        }
    }

    pub(super) fn admit(shared: &Arc<Self>) -> Open {
        let number = shared.accepted();
        shared.accepted.send_replace(number + 1);
        shared.open.fetch_add(1, Ordering::Relaxed);
        Open {
            number,
            shared: Arc::clone(shared),
        }
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.behaviour.lock().unwrap().0);
    }

    pub(super) fn close_connections(&self) {
        self.closed_below.send_replace(self.accepted());
    }

    pub(super) fn silence_connections(&self) {
        self.silent_below.store(self.accepted(), Ordering::Relaxed);
    }

    pub(super) fn accepted(&self) -> u64 {
        *self.accepted.borrow()
    }

    pub(super) async fn wait_for_accepted(&self, connections: u64) {
        let mut accepted = self.accepted.subscribe();
        let _ = accepted.wait_for(|count| *count >= connections).await;
    }

    pub(super) fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Open {
    /// The behaviour of this moment.
    pub(super) fn behaviour(&self) -> Behaviour {
        self.shared.behaviour.lock().unwrap().0.clone()
    }

    /// A time for which the connection may be idle from now on.
    pub(super) fn may_idle(&self) -> Option<Duration> {
        let (behaviour, random) = &mut *self.shared.behaviour.lock().unwrap();
        let range = behaviour.idle.as_ref()?;
        Some(uniform(range, random))
    }

    /// Counts a request and says what becomes of it.
    pub(super) fn next_answer(&self) -> Answer {
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let (behaviour, random) = &mut *self.shared.behaviour.lock().unwrap();
        let takes = uniform(&behaviour.service_time, random);
        let kind = if random.f64() < behaviour.refusing {
            AnswerKind::Refusal
        } else if random.f64() < behaviour.failing {
            AnswerKind::Failure(behaviour.failure)
        } else {
            AnswerKind::Verdict
        };
        Answer { takes, kind }
    }

    /// Whether nothing more is to be answered here.
    pub(super) fn is_silent(&self) -> bool {
        self.number < self.shared.silent_below.load(Ordering::Relaxed)
    }

    /// Returns when the service closes this connection.
    pub(super) async fn closed(&self) {
        let mut closed_below = self.shared.closed_below.subscribe();
        let _ = closed_below.wait_for(|below| self.number < *below).await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.open.fetch_sub(1, Ordering::Relaxed);
    }
}

fn uniform(range: &RangeInclusive<Duration>, random: &mut Rng) -> Duration {
    *range.start() + (range.end().saturating_sub(*range.start())).mul_f64(random.f64())
}

/// Serves one connection to its end, whoever ends it.
pub(super) async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, http: Http, open: Open) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return converse(stream, http, open).await;
    };
    let handshake = open.behaviour().handshake;
    if !handshake.is_zero() {
        sleep(handshake).await;
    }
    // A client that does not trust the certificate, or leaves, ends the connection here.
    let accepted = tokio::select! {
        accepted = tls.accept(stream) => accepted,
        () = open.closed() => return,
    };
    if let Ok(stream) = accepted {
        converse(stream, http, open).await;
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    http: Http,
    open: Open,
) {
    // An error is a client that left.
    let _ = match http {
        Http::One => http1::serve(stream, open).await,
        Http::Two => http2::serve(stream, open).await,
    };
}
