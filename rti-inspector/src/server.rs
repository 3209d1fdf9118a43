//! The page on an address of its own, on a thread of its own: the application's runtime has no part in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::thread;

use tokio::sync::oneshot;

use crate::InspectorError;
use crate::web::{self, Access, Hosts, View};

/// The page is served until this is dropped. See [`Inspector::serve`](crate::Inspector::serve).
#[must_use = "the page is served until this is dropped"]
pub struct InspectorServer {
    address: SocketAddr,
    token: String,
    /// Dropping it ends the thread.
    _stop: oneshot::Sender<()>,
}

impl InspectorServer {
    pub(crate) fn start(
        view: View,
        address: SocketAddr,
        hosts: &[Box<str>],
    ) -> Result<Self, InspectorError> {
        if !address.ip().to_canonical().is_loopback() && hosts.is_empty() {
            return Err(InspectorError::NotLoopback(address));
        }
        let listen = |address: SocketAddr| {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            Ok((listener.local_addr()?, listener))
        };
        let listening = listen(address);
        let (address, listener) =
            listening.map_err(|source| InspectorError::Listen { address, source })?;
        let known = Hosts::loopback(address.port()).with(hosts.iter().map(ToString::to_string));
        let token = view.shared.token.clone();
        let router = web::router(view, Access::with_token(known, address));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(InspectorError::Thread)?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(async {
                let listener = match tokio::net::TcpListener::from_std(listener) {
                    Ok(listener) => listener,
                    Err(error) => {
                        tracing::warn!(target: "rti", %error, "the inspector cannot listen");
                        return;
                    }
                };
                tokio::select! {
                    // Not gracefully: an event stream has no end.
                    _ = axum::serve(listener, router).into_future() => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        };
        thread::Builder::new()
            .name("rti-inspector-page".to_owned())
            .spawn(serve)
            .map_err(InspectorError::Thread)?;
        Ok(Self {
            address,
            token,
            _stop: stop,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL to open, with the token: a secret. The page then keeps the token in a cookie. Where it listens
    /// on all addresses, it is the one for this machine.
    pub fn url(&self) -> String {
        let mut address = self.address;
        // `0.0.0.0` is nowhere, and no host of the inspector.
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{address}/?token={}", self.token)
    }

    /// The token, for `Authorization: Bearer`: a secret, and a new one with each start.
    pub fn token(&self) -> &str {
        &self.token
    }
}

/// Without the token.
impl std::fmt::Debug for InspectorServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InspectorServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
