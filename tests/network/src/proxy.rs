//! A TCP proxy with delay, bandwidth and faults.
//!
//! # The delay
//! What arrives on one side leaves on the other half a round-trip time later, in order. Connecting
//! takes a round-trip time as well, but the kernel accepts on loopback at once: so the proxy does
//! nothing with a new connection for one round-trip time and reads what the client sent meanwhile
//! as if it were sent then. TCP and TLS 1.3 take the three round-trip times to the first byte of an
//! answer that they take on a path of that length. What this does not show: `connect` returns at
//! once, so a client that compares connect times (happy eyeballs) sees none.
//!
//! tokio's timer counts milliseconds and rounds up: a round trip takes 1 to 2 ms longer than said.

mod connection;
mod controls;
mod direction;
mod line;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use self::controls::Controls;
use crate::background::{Background, any_port, listen};

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It carries bytes both ways.
    Carry,
    /// It stays open and loses every byte, as behind a firewall that forgot it. Since TCP would
    /// send lost bytes again and a proxy cannot, a connection that lost some stays silent for ever.
    Swallow,
    /// It keeps bytes until it may carry again, as a path that is interrupted for a while.
    Pause,
    /// It is reset on both sides.
    Reset,
}

/// A running proxy; it and its connections end with this.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    controls: Arc<Controls>,
    _background: Background,
}

/// How a proxy starts.
#[derive(Debug)]
pub struct ProxyBuilder {
    upstream: SocketAddr,
    listen_on: SocketAddr,
    controls: Controls,
}

impl Proxy {
    /// A proxy to `upstream`: without delay, as fast as it can, on any free port of 127.0.0.1.
    pub fn to(upstream: SocketAddr) -> ProxyBuilder {
        ProxyBuilder {
            upstream,
            listen_on: any_port(),
            controls: Controls::default(),
        }
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets the round-trip time of what arrives from now on.
    pub fn set_round_trip(&self, time: Duration) {
        self.controls.set_round_trip(time);
    }

    /// Sets the fate of the connections that are open now.
    pub fn open_connections(&self, fate: Fate) {
        self.controls.set_open(fate);
    }

    /// Sets the fate of the connections that are accepted from now on.
    pub fn new_connections(&self, fate: Fate) {
        self.controls.set_new(fate);
    }

    /// Sets the fate of all connections, open and to come.
    pub fn all_connections(&self, fate: Fate) {
        self.controls.set_new(fate);
        self.controls.set_open(fate);
    }

    /// How many connections may be open; the next ones are reset. There is no limit at first.
    pub fn limit(&self, connections: usize) {
        self.controls.set_limit(connections);
    }

    /// Connections accepted so far, those that were reset at once included.
    pub fn accepted(&self) -> u64 {
        self.controls.accepted()
    }

    /// Connections that are open now.
    pub fn open(&self) -> usize {
        self.controls.open()
    }
}

impl ProxyBuilder {
    /// How long a byte takes to the service and back; default 0.
    #[must_use]
    pub fn round_trip(self, time: Duration) -> Self {
        self.controls.set_round_trip(time);
        self
    }

    /// Bytes per second in each direction, shared by all connections; without it there is no bound.
    #[must_use]
    pub fn bandwidth(mut self, bytes_per_second: u32) -> Self {
        self.controls.set_bandwidth(bytes_per_second);
        self
    }

    /// The address of loopback to listen on, as `127.0.0.2:8443` or `[::1]:0`.
    #[must_use]
    pub fn listen_on(mut self, address: SocketAddr) -> Self {
        self.listen_on = address;
        self
    }

    /// Listens; connections are carried from now on.
    pub fn start(self) -> Proxy {
        let listener: TcpListener = listen(self.listen_on);
        let address = listener.local_addr().unwrap();
        let controls = Arc::new(self.controls);
        let (carried, upstream) = (Arc::clone(&controls), self.upstream);
        let background = Background::serve("proxy", listener, async move |listener| {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        // Out of descriptors, most likely; the next one may do.
                        let Ok((client, _)) = accepted else { continue };
                        let fate = carried.admit();
                        let controls = Arc::clone(&carried);
                        connections.spawn(connection::carry(client, upstream, fate, controls));
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Proxy {
            address,
            controls,
            _background: background,
        }
    }
}
