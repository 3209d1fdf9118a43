//! Used solutions in Redis or Valkey, for a site of several processes.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError};

use super::{Claim, ReplayStore, StoreError};

/// How long a claim may take. A visitor waits for it.
const DEADLINE: Duration = Duration::from_secs(2);

/// Keeps used solutions in Redis or Valkey, for a fleet: one `SET … NX PX` a solution.
///
/// A connection is made with the first solution and kept; a lost one is made again. A solution that
/// cannot be claimed is refused. Use a server that does not evict keys (`maxmemory-policy noeviction`):
/// an evicted solution can be used again until it expires.
///
/// ```
/// use rti_challenge::RedisStore;
///
/// let store = RedisStore::new("redis://127.0.0.1/")?.with_key_prefix("shop:");
/// # Ok::<(), rti_challenge::StoreError>(())
/// ```
pub struct RedisStore {
    client: Client,
    manager: tokio::sync::OnceCell<ConnectionManager>,
    prefix: String,
}

impl RedisStore {
    /// A store at `redis://[user:password@]host[:port][/database]`.
    ///
    /// # Errors
    /// Where the URL is not one of Redis. The error does not show the URL, which may hold a password.
    pub fn new(url: &str) -> Result<Self, StoreError> {
        let client = Client::open(url)
            .map_err(|_error| StoreError::new("expected a URL such as redis://host:6379/0"))?;
        Ok(Self {
            client,
            manager: tokio::sync::OnceCell::new(),
            prefix: "rti:challenge:".to_owned(),
        })
    }

    /// What the names of its keys begin with; `rti:challenge:` by default.
    #[must_use]
    pub fn with_key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    async fn claim_now(&self, id: &str, ttl: Duration) -> Result<Claim, RedisError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(DEADLINE))
            .set_response_timeout(Some(DEADLINE));
        let connect = || ConnectionManager::new_with_config(self.client.clone(), config);
        let mut connection = self.manager.get_or_try_init(connect).await?.clone();
        let milliseconds = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut command = redis::cmd("SET");
        command.arg(format!("{}{id}", self.prefix)).arg(1);
        command.arg("NX").arg("PX").arg(milliseconds);
        // Answers OK, or nothing where the key exists.
        let set: Option<String> = command.query_async(&mut connection).await?;
        Ok(match set {
            Some(_) => Claim::First,
            None => Claim::Replayed,
        })
    }
}

#[async_trait]
impl ReplayStore for RedisStore {
    async fn claim(&self, id: &str, ttl: Duration) -> Result<Claim, StoreError> {
        match tokio::time::timeout(DEADLINE, self.claim_now(id, ttl)).await {
            Ok(claim) => claim.map_err(|error| StoreError::new(error.category().to_string())),
            Err(_elapsed) => Err(StoreError::new("no answer in time")),
        }
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
