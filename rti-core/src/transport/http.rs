//! The transport over HTTP: reqwest with rustls.

mod stale;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, Url, redirect};
use rustls::RootCertStore;
use rustls::crypto::ring;

use self::stale::Connection;
use super::{Answer, Call, MAX_ANSWER, Transport};
use crate::config::{ApiEndpoint, ConfigError, ConfigFault, options};
use crate::error::{CallError, FailOpenReason};

/// Below the usual minute of servers and load balancers, so that it is mostly us who close.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// How often an HTTP/2 connection is asked whether it lives, and how long it may take to say so.
/// All calls share the one connection: were it dead without a word, as behind a firewall that
/// forgot it, every call and every probe of the circuit breaker would run into its deadline.
const PING: Duration = Duration::from_secs(5);

/// Posts calls with a [`reqwest::Client`] that is built once and shared.
///
/// Proxies of the environment are not used and redirects are not followed: a call goes to the
/// endpoint or nowhere. HTTP/2 is spoken where the service offers it.
///
/// ```
/// use rti_core::{Config, HttpTransport, Rti};
///
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9000").build()?;
/// let transport = HttpTransport::new(config.api_endpoint())?;
/// let rti = Rti::with_transport(config, transport);
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct HttpTransport {
    client: Client,
    /// Keeps no connections: what is sent with it is sent on a fresh one.
    fresh: Client,
    origin: Url,
}

impl HttpTransport {
    /// A transport that trusts the certificate authorities of this machine.
    ///
    /// # Errors
    /// The machine has no CA certificates and the endpoint needs them, or the client cannot be
    /// built.
    pub fn new(endpoint: &ApiEndpoint) -> Result<Self, ConfigError> {
        if !endpoint.is_https() {
            return Self::with_roots(endpoint, RootCertStore::empty());
        }
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            let cause = found
                .errors
                .first()
                .map_or_else(String::new, |error| format!(" ({error})"));
            return Err(unusable(
                endpoint,
                format!(
                    "this machine has no CA certificates to verify it with: install the `ca-certificates` package, or name a bundle in SSL_CERT_FILE{cause}"
                ),
            ));
        }
        Self::with_roots(endpoint, roots)
    }

    /// A transport that trusts these authorities and no others: for a service behind a private CA.
    ///
    /// # Errors
    /// The client cannot be built.
    pub fn with_roots(endpoint: &ApiEndpoint, roots: RootCertStore) -> Result<Self, ConfigError> {
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(endpoint, format!("TLS cannot be set up: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tls = with_alpn(tls);
        let client = |pool: PoolSize| {
            let built = Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .no_proxy()
                .redirect(redirect::Policy::none())
                // Ours knows more: see `stale`.
                .retry(reqwest::retry::never())
                .connector_layer(stale::NoticeConnects)
                .tcp_nodelay(true)
                .pool_idle_timeout(POOL_IDLE)
                .http2_keep_alive_interval(PING)
                .http2_keep_alive_timeout(PING)
                .http2_keep_alive_while_idle(true)
                .pool_max_idle_per_host(pool.idle_connections())
                .build();
            built.map_err(|error| {
                unusable(
                    endpoint,
                    format!("the HTTP client cannot be built: {}", chain(&error)),
                )
            })
        };
        let origin = endpoint
            .origin()
            .parse()
            .map_err(|error| unusable(endpoint, format!("expected an origin: {error}")))?;
        Ok(Self {
            client: client(PoolSize::Unbounded)?,
            fresh: client(PoolSize::None)?,
            origin,
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum PoolSize {
    /// The cap on calls in flight bounds it.
    Unbounded,
    None,
}

impl PoolSize {
    fn idle_connections(self) -> usize {
        match self {
            Self::Unbounded => usize::MAX,
            Self::None => 0,
        }
    }
}

fn with_alpn(mut tls: rustls::ClientConfig) -> rustls::ClientConfig {
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    tls
}

fn unusable(endpoint: &ApiEndpoint, rule: String) -> ConfigError {
    ConfigError::new(vec![ConfigFault::environment(
        &options::API_ENDPOINT,
        endpoint.origin(),
        rule,
    )])
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, call: Call) -> Result<Answer, CallError> {
        let mut url = self.origin.clone();
        url.set_path(call.path);
        let post = |client: &Client| {
            let content_type = HeaderValue::from_static(call.content_type);
            client
                .post(url.clone())
                .header(CONTENT_TYPE, content_type)
                .body(call.body.clone())
                .send()
        };
        let (sent, connection) = stale::noticing(post(&self.client)).await;
        let response = match sent {
            // The service closed the connection while it was idle, and the call crossed with it.
            Err(error) if connection == Connection::Reused && hung_up(&error) => {
                post(&self.fresh).await
            }
            sent => sent,
        }
        .map_err(classified)?;
        let status = response.status().as_u16();
        // Only success carries a verdict; what comes with other statuses is not worth reading.
        let body = if response.status().is_success() {
            read(response).await?
        } else {
            Bytes::new()
        };
        Ok(Answer { status, body })
    }
}

async fn read(mut response: Response) -> Result<Bytes, CallError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > MAX_ANSWER as u64 {
        return Err(FailOpenReason::Oversize.into());
    }
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(truncated)? {
        let length = first.as_ref().map_or(0, Bytes::len) + rest.len() + chunk.len();
        if length > MAX_ANSWER {
            return Err(FailOpenReason::Oversize.into());
        }
        match &first {
            // A verdict comes in one piece, nearly always: it is passed on without a copy.
            None => first = Some(chunk),
            Some(_) => rest.extend_from_slice(&chunk),
        }
    }
    let first = first.unwrap_or_default();
    if rest.is_empty() {
        return Ok(first);
    }
    Ok([first, rest.freeze()].concat().into())
}

/// An answer that began and did not end is no answer.
fn truncated(error: reqwest::Error) -> CallError {
    CallError::new(FailOpenReason::Malformed, error.without_url())
}

fn classified(error: reqwest::Error) -> CallError {
    let error = error.without_url();
    let kind = if sources(&error).any(<dyn Error>::is::<rustls::Error>) {
        FailOpenReason::Tls
    } else if error.is_timeout() {
        FailOpenReason::Timeout
    } else if error.is_connect() || hung_up(&error) {
        FailOpenReason::Connect
    } else {
        FailOpenReason::Malformed
    };
    CallError::new(kind, error)
}

/// Whether the service hung up before it answered.
fn hung_up(error: &reqwest::Error) -> bool {
    sources(error).any(is_connection_lost)
}

fn is_connection_lost(source: &(dyn Error + 'static)) -> bool {
    use std::io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof,
    };
    if let Some(error) = source.downcast_ref::<hyper::Error>() {
        return error.is_incomplete_message() || error.is_closed() || error.is_canceled();
    }
    source
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| {
            matches!(
                error.kind(),
                BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof
            )
        })
}

/// An error and all that lies behind it. `io::Error` hides what it wraps from `source`.
fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn chain(error: &reqwest::Error) -> String {
    sources(error)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
