//! Used proofs that several nodes share, through Redis.
//!
//! One `SET … NX EX` for each proof: Redis answers whether it was there, and forgets it by itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::super::compact::BASE64URL;
use super::replay::{FirstUse, ProofId, ReplayStore, ReplayStoreError};

/// How long Redis has for an answer, a new connection included.
const ANSWER: Duration = Duration::from_millis(500);

/// A [`ReplayStore`] that several nodes share through Redis (feature `redis`).
///
/// While Redis does not answer, requests with proofs get 503. Give it a `maxmemory-policy` of
/// `noeviction`: a proof that it throws away can be used again, for the two minutes in which it is
/// good.
///
/// # Examples
///
/// ```no_run
/// use authz_core::token::{Dpop, RedisReplayStore};
///
/// # async fn example() -> Result<(), authz_core::token::ReplayStoreError> {
/// let store = RedisReplayStore::connect("redis://127.0.0.1:6379").await?;
/// let dpop = Dpop::new("https://api.example.com").replay_store(store);
/// # Ok(())
/// # }
/// ```
pub struct RedisReplayStore {
    client: Client,
    prefix: Arc<str>,
    /// Held while somebody connects, so that one does.
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl RedisReplayStore {
    /// Connects to the address `redis://user:password@host:6379/0`.
    ///
    /// # Errors
    ///
    /// [`ReplayStoreError`] when the address is wrong or Redis does not answer.
    pub async fn connect(url: &str) -> Result<Self, ReplayStoreError> {
        let client = Client::open(url).map_err(|error| failed(&error))?;
        let store = Self { client, prefix: "authz".into(), connection: Mutex::new(None) };
        match timeout(ANSWER, store.connection()).await {
            Ok(Ok(_)) => Ok(store),
            Ok(Err(error)) => Err(failed(&error)),
            Err(_) => Err(silent()),
        }
    }

    /// What the names of keys begin with: `authz` unless set. Nodes of one service share it.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = prefix.into();
        self
    }

    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut place = self.connection.lock().await;
        if let Some(connection) = &*place {
            return Ok(connection.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER))
            .set_response_timeout(Some(ANSWER));
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let connection = connecting.await?;
        *place = Some(connection.clone());
        Ok(connection)
    }

    /// Whether the proof was not there.
    async fn set(&self, proof: ProofId, seconds: u64) -> Result<bool, RedisError> {
        let mut connection = self.connection().await?;
        let key = format!("{}:dpop:{}", self.prefix, BASE64URL.encode(proof.as_bytes()));
        let mut set = redis::cmd("SET");
        set.arg(key).arg(1).arg("NX").arg("EX").arg(seconds);
        let answer: Option<String> = set.query_async(&mut connection).await?;
        Ok(answer.is_some())
    }

    async fn ask(&self, proof: ProofId, seconds: u64) -> Result<bool, ReplayStoreError> {
        let error = match timeout(ANSWER, self.set(proof, seconds)).await {
            Ok(Ok(first)) => return Ok(first),
            Ok(Err(error)) => failed(&error),
            Err(_) => silent(),
        };
        // The next one connects again, unless somebody is at it.
        if let Ok(mut place) = self.connection.try_lock() {
            *place = None;
        }
        Err(error)
    }
}

impl ReplayStore for RedisReplayStore {
    fn first_use(&self, proof: ProofId, now: u64, until: u64) -> FirstUse<'_> {
        // One second more: the first one may have all but passed.
        let seconds = until.saturating_sub(now).saturating_add(1);
        Box::pin(self.ask(proof, seconds))
    }
}

/// Without the address, which may have a password in it.
impl fmt::Debug for RedisReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisReplayStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

#[cold]
fn failed(error: &RedisError) -> ReplayStoreError {
    ReplayStoreError::new(&error.to_string())
}

#[cold]
fn silent() -> ReplayStoreError {
    ReplayStoreError::new("redis does not answer in time")
}
