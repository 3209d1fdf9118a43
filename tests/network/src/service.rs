//! A verdict service that calls every visitor a bot, with the faults of a server.
//!
//! HTTP/1.1 is served by hyper. HTTP/2 is served by hand, frame by frame: no server library sends
//! a GOAWAY that crosses with calls and leaves them out, or refuses streams at random.

mod authority;
mod behaviour;
mod connection;
mod http1;
mod http2;

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

pub use self::authority::Authority;
pub use self::behaviour::{Behaviour, Ending, Failure};
use self::connection::Shared;
use crate::background::{Background, any_port, listen};
use crate::proxy::Proxy;

/// The versions of HTTP that the service offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Http {
    /// HTTP/1.1 alone.
    One,
    /// HTTP/2 alone. Without TLS the client must know.
    Two,
}

/// Whether the service is reached over TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// TLS 1.3, with a certificate of the service's own authority for `localhost`.
    Https,
    /// Without TLS.
    Http,
}

/// A running service; it and its connections end with this.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    scheme: Scheme,
    authority: Authority,
    shared: Arc<Shared>,
    _background: Background,
}

/// How a service starts.
#[derive(Debug)]
pub struct ServiceBuilder {
    http: Http,
    scheme: Scheme,
    behaviour: Behaviour,
}

impl Service {
    /// A service over TLS that answers at once.
    pub fn builder(http: Http) -> ServiceBuilder {
        ServiceBuilder {
            http,
            scheme: Scheme::Https,
            behaviour: Behaviour::default(),
        }
    }

    /// Where it listens: what a proxy connects to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint of a client that goes to the service itself.
    pub fn origin(&self) -> String {
        self.origin_at(self.address)
    }

    /// The endpoint of a client that goes through a proxy.
    pub fn origin_through(&self, proxy: &Proxy) -> String {
        self.origin_at(proxy.address())
    }

    /// Who signed its certificate.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Changes what it does from the next request on; on connections that are open as well, save
    /// for the HTTP/2 setting `max_concurrent_streams`, which is told at the beginning of one.
    pub fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        self.shared.change(change);
    }

    /// Closes all connections that are open now; those to come work.
    pub fn close_connections(&self) {
        self.shared.close_connections();
    }

    /// Answers nothing any more on the connections that are open now, and keeps them open; those to
    /// come work.
    pub fn silence_connections(&self) {
        self.shared.silence_connections();
    }

    /// Connections accepted so far.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted()
    }

    /// Connections that are open now.
    pub fn open(&self) -> u64 {
        self.shared.open()
    }

    /// Requests read whole so far, whatever became of them.
    pub fn requests(&self) -> u64 {
        self.shared.requests()
    }

    /// Waits until so many connections have been accepted.
    pub async fn wait_for_accepted(&self, connections: u64) {
        self.shared.wait_for_accepted(connections).await;
    }

    fn origin_at(&self, address: SocketAddr) -> String {
        let port = address.port();
        match self.scheme {
            Scheme::Https => format!("https://localhost:{port}"),
            Scheme::Http => format!("http://localhost:{port}"),
        }
    }
}

impl ServiceBuilder {
    /// Over TLS or plain.
    #[must_use]
    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Changes what it does at first.
    #[must_use]
    pub fn behaving(mut self, change: impl FnOnce(&mut Behaviour)) -> Self {
        change(&mut self.behaviour);
        self
    }

    /// Listens on any free port of 127.0.0.1 and serves from now on.
    pub fn start(self) -> Service {
        let listener = listen(any_port());
        let address = listener.local_addr().unwrap();
        let authority = Authority::new();
        let tls = (self.scheme == Scheme::Https).then(|| acceptor(&authority, self.http));
        let shared = Arc::new(Shared::new(self.behaviour));
        let (serving, http) = (Arc::clone(&shared), self.http);
        let background = Background::serve("service", listener, async move |listener| {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        // Out of descriptors, most likely; the next one may do.
                        let Ok((stream, _)) = accepted else { continue };
                        let open = Shared::admit(&serving);
                        connections.spawn(connection::serve(stream, tls.clone(), http, open));
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Service {
            address,
            scheme: self.scheme,
            authority,
            shared,
            _background: background,
        }
    }
}

fn acceptor(authority: &Authority, http: Http) -> TlsAcceptor {
    let (certificate, key) = authority.sign_localhost();
    let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap();
    let mut tls = tls
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    tls.alpn_protocols = match http {
        Http::One => vec![b"http/1.1".to_vec()],
        Http::Two => vec![b"h2".to_vec()],
    };
    TlsAcceptor::from(Arc::new(tls))
}
