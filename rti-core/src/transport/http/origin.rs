//! Where connections go, and how one is dialled: name look-up, TCP to the first address that
//! answers, TLS, and the protocol that both sides speak.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::uri::Authority;
use rustls::pki_types::ServerName;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use super::metered::Metered;
use super::tls;
use crate::config::{ApiEndpoint, Config, ConfigError};

/// How long an address has to answer before the next one is tried beside it. RFC 8305 recommends
/// 250 ms and allows 10: a broken first address must not cost the first visitors their verdicts.
const NEXT_ADDRESS: Duration = Duration::from_millis(50);

/// The one origin that a pool connects to.
pub(super) struct Origin {
    /// The value of `Host` and `:authority`.
    pub(super) authority: Authority,
    name: Box<str>,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

impl Origin {
    pub(super) fn new(endpoint: &ApiEndpoint, config: &Config) -> Result<Self, ConfigError> {
        let invalid = |error: &dyn std::fmt::Display| {
            ConfigError::unusable(endpoint, format!("expected an origin: {error}"))
        };
        let url = endpoint.url();
        let name = url.host_str().unwrap_or_default();
        let authority = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        let authority = Authority::try_from(authority).map_err(|error| invalid(&error))?;
        // A URL writes an IPv6 address in brackets, the resolver and TLS want it without.
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let tls = if endpoint.is_https() {
            let server = ServerName::try_from(name.to_owned()).map_err(|error| invalid(&error))?;
            let tls = Arc::new(tls::client_config(endpoint, config)?);
            Some((TlsConnector::from(tls), server))
        } else {
            None
        };
        Ok(Self {
            name: name.into(),
            port: url.port_or_known_default().unwrap_or(443),
            authority,
            tls,
        })
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Connects. Names are resolved here, for each connection, and nowhere else: a call on an open
    /// connection never waits for a resolver.
    pub(super) async fn connect(&self) -> io::Result<(Protocol, Metered)> {
        let addresses = match self.name.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, self.port)],
            Err(_) => alternate(look_up(&self.name, self.port).await?),
        };
        let tcp = connect_to_any(addresses).await?;
        tcp.set_nodelay(true)?;
        let Some((connector, server)) = &self.tls else {
            return Ok((Protocol::Http1, Metered::new(tcp)));
        };
        let stream = connector.connect(server.clone(), tcp).await?;
        let protocol = match stream.get_ref().1.alpn_protocol() {
            Some(tls::HTTP2) => Protocol::Http2,
            _ => Protocol::Http1,
        };
        Ok((protocol, Metered::new(stream)))
    }
}

/// The addresses of a name.
///
/// A resolver that finds no descriptor for its files and sockets does not say so: glibc reports a name
/// that does not exist, or a device that is busy. Whether it was that is asked of a socket.
async fn look_up(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    match tokio::net::lookup_host((name, port)).await {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(TcpSocket::new_v4().err().unwrap_or(error)),
    }
}

/// IPv6 and IPv4 addresses in turn, in the order of the resolver (RFC 8305, section 4).
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_ipv6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_ipv6);
    let (mut preferred, mut others) = (preferred.into_iter(), others.into_iter());
    let mut alternating = Vec::new();
    loop {
        match (preferred.next(), others.next()) {
            (None, None) => return alternating,
            pair => alternating.extend([pair.0, pair.1].into_iter().flatten()),
        }
    }
}

/// The first of all addresses that accepts. The next one is tried when one fails, or when it has
/// not answered for a while; those under way continue beside it.
async fn connect_to_any(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut remaining = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        attempts.extend(remaining.next().map(TcpStream::connect));
        let next_address = async {
            if remaining.len() == 0 {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(NEXT_ADDRESS).await;
        };
        tokio::select! {
            attempt = attempts.next() => match attempt {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(error)) => failure = error,
                None => return Err(failure),
            },
            () = next_address => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_alternate_in_the_resolvers_order() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|text| text.parse().unwrap()).collect()
        };
        assert_eq!(
            alternate(addresses(&["[::1]:1", "[::2]:1", "1.1.1.1:1", "[::3]:1"])),
            addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"])
        );
        assert_eq!(
            alternate(addresses(&["1.1.1.1:1", "[::1]:1"])),
            addresses(&["1.1.1.1:1", "[::1]:1"])
        );
    }

    #[tokio::test]
    async fn a_dead_first_address_costs_no_verdict() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = listener.local_addr().unwrap();
        // Nothing listens on the port at 127.0.0.2, so that connection is refused.
        let refused = SocketAddr::new([127, 0, 0, 2].into(), alive.port());
        let stream = connect_to_any(vec![refused, alive]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), alive);
        assert!(connect_to_any(vec![refused]).await.is_err());
        assert!(connect_to_any(Vec::new()).await.is_err());
    }
}
