//! The transport over HTTP: a connection pool made for one origin, on httparse (HTTP/1.1), h2
//! and rustls.
//!
//! Clients with a general pool were the alternative. They dial for a call and give up with it, which
//! leaves a service that is farther away than the deadline out of reach for good, and they do not
//! tell what a connection has carried, on which the rule for retries depends. Those who have a
//! configured `reqwest::Client` can use that, with `ReqwestTransport`.

mod connection;
mod failed;
mod http1;
mod http2;
mod metered;
mod origin;
mod pool;
mod tls;

use std::ops::Add;
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use async_trait::async_trait;
use tokio::runtime::{Handle, Id as RuntimeId};

use self::connection::Connection;
use self::failed::Failed;
use self::origin::Origin;
use self::pool::{Lease, Limits, Pool};
use super::{ApiRequest, ApiResponse, ConnectionCounts, Transport};
use crate::config::{ApiEndpoint, Config, ConfigError};
use crate::error::{CallError, FailOpenReason};

/// Posts calls over a pool of connections that it keeps open.
///
/// Connections are dialled before the first call, where the transport is made inside a tokio runtime,
/// and `min_idle_connections` are kept open for as long as it lives; over HTTP/1.1 as many as the
/// recent peak of calls needed. A call waits for a connection until its deadline, and a connection
/// that is dialled too late for its call serves the next one. Each tokio runtime has connections of
/// its own, so that a blocked worker thread of actix-web holds up no other's calls.
///
/// Proxies of the environment are not used and redirects are not followed: a call goes to the
/// endpoint or nowhere. HTTP/2 is used where the service offers it.
///
/// A call is repeated once, on another connection, when no byte of a response arrived and either the
/// connection had served before or the service said over HTTP/2 that it did not process the request.
///
/// ```
/// use rti_core::{Config, HttpTransport, Rti};
///
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9000").build()?;
/// let transport = HttpTransport::new(&config)?;
/// let rti = Rti::with_transport(config, transport);
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct HttpTransport(Arc<Shared>);

struct Shared {
    origin: Arc<Origin>,
    limits: Limits,
    timeout: Duration,
    /// One for each runtime: one or two, or as many as there are workers of actix-web.
    pools: RwLock<Vec<Arc<Pool>>>,
}

impl HttpTransport {
    /// A transport that trusts the authorities of `ca_file`, or without those the certificate
    /// authorities of this machine.
    ///
    /// The cryptography is that of the rustls provider which the process installed, else that of
    /// the feature `aws-lc-rs` or `ring`.
    ///
    /// # Errors
    /// The endpoint needs TLS, and this machine has no CA certificates or the process no provider.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let settings = config.settings();
        let limits = Limits {
            min_idle: settings.min_idle_connections,
            max_connections: settings.max_in_flight,
        };
        let transport = Self::to(
            config.api_endpoint(),
            config,
            limits,
            settings.policies.longest_timeout(),
        )?;
        // Without a runtime the first call starts the pool.
        let _ = transport.pool();
        Ok(transport)
    }

    /// A transport to another origin, over one connection that is opened for the first call.
    pub(crate) fn single(
        endpoint: &ApiEndpoint,
        config: &Config,
        timeout: Duration,
    ) -> Result<Self, ConfigError> {
        let limits = Limits {
            min_idle: 0,
            max_connections: 1,
        };
        Self::to(endpoint, config, limits, timeout)
    }

    fn to(
        endpoint: &ApiEndpoint,
        config: &Config,
        limits: Limits,
        timeout: Duration,
    ) -> Result<Self, ConfigError> {
        Ok(Self(Arc::new(Shared {
            origin: Arc::new(Origin::new(endpoint, config)?),
            limits,
            timeout,
            pools: RwLock::default(),
        })))
    }

    /// The pool of the runtime that this is called on.
    fn pool(&self) -> Result<Arc<Pool>, CallError> {
        let no_runtime = |error| CallError::new(FailOpenReason::Internal, error);
        let runtime = Handle::try_current().map_err(no_runtime)?;
        let id = runtime.id();
        match self.0.pool_of(id) {
            Some(pool) => Ok(pool),
            None => Ok(self.0.start_pool(runtime)),
        }
    }

    async fn exchange(
        &self,
        lease: Lease,
        path: &str,
        call: &ApiRequest,
    ) -> Result<ApiResponse, Failed> {
        let origin = &*self.0.origin;
        match lease.connection().clone() {
            Connection::Http1(http1) => {
                http1::Exchange::new(lease, http1, origin, path, call).await
            }
            Connection::Http2(http2) => {
                let request = http2::request(origin, path, call)?;
                let body = call.body.clone();
                http2.exchange(&lease, request, body, self.0.timeout).await
            }
        }
    }

    /// Posts a call to this path of the origin, whatever path the call names.
    pub(crate) async fn post(
        &self,
        path: &str,
        call: &ApiRequest,
    ) -> Result<ApiResponse, CallError> {
        if !path.starts_with('/') || path.contains(' ') || !is_one_line(path) {
            let error = "the path is not one of a URL";
            return Err(CallError::new(FailOpenReason::Internal, error));
        }
        if !is_one_line(call.content_type) {
            let error = "the media type is not one of a header";
            return Err(CallError::new(FailOpenReason::Internal, error));
        }
        let pool = self.pool()?;
        // The rule for retries, in one place.
        let mut refused_by = None;
        let mut connection_time = Duration::ZERO;
        loop {
            let lease = pool.lease(refused_by).await?;
            let id = lease.id();
            connection_time += lease.waited();
            match self.exchange(lease, path, call).await {
                Ok(response) => return Ok(response.with_connection_time(connection_time)),
                // Each time one connection less, so it ends.
                Err(Failed::NotSent) => {}
                Err(Failed::NotProcessed(_)) if refused_by.is_none() => refused_by = Some(id),
                Err(Failed::NotProcessed(error) | Failed::Final(error)) => return Err(error),
            }
        }
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        self.post(call.path, &call).await
    }

    async fn warm_up(&self) {
        if let Ok(pool) = self.pool() {
            pool.warm_up().await;
        }
    }

    fn connections(&self) -> Option<ConnectionCounts> {
        let pools = self.0.pools.read().unwrap_or_else(PoisonError::into_inner);
        let counts = pools.iter().map(|pool| pool.connections());
        Some(counts.fold(ConnectionCounts::default(), Add::add))
    }
}

impl Shared {
    fn pool_of(&self, runtime: RuntimeId) -> Option<Arc<Pool>> {
        let pools = self.pools.read().unwrap_or_else(PoisonError::into_inner);
        let pool = pools.iter().find(|pool| pool.runtime() == runtime);
        pool.cloned()
    }

    fn start_pool(self: &Arc<Self>, runtime: Handle) -> Arc<Pool> {
        let id = runtime.id();
        let shared = Arc::downgrade(self);
        let ended = move |pool: &Arc<Pool>| Self::forget_pool(&shared, pool);
        // Outside the lock: on a runtime that is shutting down, `ended` is called at once.
        let started = Pool::start(Arc::clone(&self.origin), self.limits, runtime, ended);
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread of the runtime may have been faster.
        if let Some(pool) = pools.iter().find(|pool| pool.runtime() == id) {
            return Arc::clone(pool);
        }
        pools.push(Arc::clone(&started));
        started
    }

    fn forget_pool(shared: &Weak<Self>, ended: &Arc<Pool>) {
        if let Some(shared) = shared.upgrade() {
            let mut pools = shared.pools.write().unwrap_or_else(PoisonError::into_inner);
            pools.retain(|pool| !Arc::ptr_eq(pool, ended));
        }
    }
}

/// Whether this part of the head of a request cannot end its line.
fn is_one_line(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

impl std::fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpTransport")
            .field("origin", &self.0.origin.authority)
            .finish_non_exhaustive()
    }
}
