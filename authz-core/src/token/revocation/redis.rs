//! Revocations that several nodes share, through Redis.
//!
//! A sorted set holds what is revoked, scored by when it can be forgotten; a channel tells of each
//! new one. A node subscribes, then reads the whole set, then counts as knowing everything, for as
//! long as Redis answers a `PING` four times a second on the same connection. INVARIANT: between the
//! last answer and the moment in which it is missed, a node can lag by less than a second; after that
//! it refuses everybody, unless it was told to go on for a while.
//!
//! What a node knows and Redis does not (Redis came back empty, or was away during a revocation)
//! it writes there when it connects.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo as _, ProtocolVersion, PushInfo, PushKind,
    RedisError, Value,
};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::clock::Clock;

use super::{DEFAULT_RETENTION, Record, RevocationError, Revocations, Shared};

/// How often Redis is asked whether it is there.
const HEARTBEAT: Duration = Duration::from_millis(250);
/// How long it has for an answer.
const ANSWER: Duration = Duration::from_millis(500);
/// How long it has for the whole set.
const WHOLE_SET: Duration = Duration::from_secs(10);
/// How long to wait between two attempts to connect.
const RETRY: Duration = Duration::from_millis(200);

/// Settings of [`Revocations`] shared through Redis (feature `redis`).
///
/// Redis 6.2 or newer; give it a `maxmemory-policy` of `noeviction`, since what it throws away is no
/// longer revoked for nodes that start later.
#[derive(Clone)]
#[must_use = "settings do nothing until `connect`"]
pub struct RedisRevocations {
    url: Box<str>,
    prefix: Box<str>,
    retention: Duration,
    grace: Duration,
    clock: Clock,
}

impl Revocations {
    /// Settings of a store that several nodes share through Redis, by its address:
    /// `redis://user:password@host:6379/0`.
    ///
    /// What is revoked on one node is refused on every other within a second. While Redis can't be
    /// reached, nothing is known about any token, and requests are answered by 503, unless
    /// [`RedisRevocations::grace`] says otherwise.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use authz_core::token::Revocations;
    ///
    /// # async fn example() -> Result<(), authz_core::token::RevocationError> {
    /// let revocations = Revocations::redis("redis://127.0.0.1:6379").connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn redis(url: &str) -> RedisRevocations {
        RedisRevocations {
            url: url.into(),
            prefix: "authz".into(),
            retention: DEFAULT_RETENTION,
            grace: Duration::ZERO,
            clock: Clock::default(),
        }
    }
}

impl RedisRevocations {
    /// What the names of keys and channels begin with: `authz` unless set. Services that share a
    /// prefix share their revocations.
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long revocations are remembered: 24 hours unless set. See
    /// [`Revocations::remembering_for`].
    pub fn remembering_for(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Goes on for so long without Redis, with what is known. What is revoked elsewhere in that time
    /// is not refused here.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Takes the time from a clock that a test moves.
    #[cfg(feature = "testing")]
    pub fn clock(mut self, clock: &crate::testing::Clock) -> Self {
        self.clock = clock.source();
        self
    }

    /// Connects and reads what is revoked.
    ///
    /// A task of the current tokio runtime keeps the connection until the last handle and the last
    /// verifier with it are dropped.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] when the address is wrong or Redis does not answer.
    pub async fn connect(self) -> Result<Revocations, RevocationError> {
        let settings =
            |error: RedisError| RevocationError::Settings { reason: error.to_string().into() };
        let info = (&*self.url).into_connection_info().map_err(settings)?;
        let resp3 = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(resp3)).map_err(settings)?;
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(RevocationError::Settings { reason: "there is no tokio runtime".into() });
        }
        let shared = Arc::new(Shared::new(self.retention, self.clock));
        shared.set_available(false);
        let (connection, connections) = watch::channel(None);
        let names = Names {
            set: format!("{}:revocations", self.prefix).into(),
            channel: format!("{}:revoked", self.prefix).into(),
        };
        let mut node = Node {
            client,
            names: names.clone(),
            shared: Arc::clone(&shared),
            connection,
            grace: self.grace,
            heard: Instant::now(),
        };
        let pushes = node.synchronize().await.map_err(|error| unavailable(&error))?;
        let task = tokio::spawn(node.run(pushes)).abort_handle();
        Ok(Revocations { shared, redis: Some(Arc::new(Redis { names, connections, task })) })
    }
}

/// Without the address, which may have a password in it.
impl fmt::Debug for RedisRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisRevocations")
            .field("prefix", &self.prefix)
            .field("retention", &self.retention)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}

/// The way to Redis for those who revoke.
#[derive(Debug)]
pub(crate) struct Redis {
    names: Names,
    connections: watch::Receiver<Option<MultiplexedConnection>>,
    task: AbortHandle,
}

/// The names of what is kept in Redis.
#[derive(Clone, Debug)]
struct Names {
    set: Arc<str>,
    channel: Arc<str>,
}

impl Names {
    /// Adds a record to the set, where the later of two times stays, and tells of it.
    fn add(&self, commands: &mut redis::Pipeline, record: &Record) {
        let (member, message) = (record.member(), record.message());
        commands.cmd("ZADD").arg(&*self.set).arg("GT").arg(record.forget()).arg(member).ignore();
        commands.cmd("PUBLISH").arg(&*self.channel).arg(message).ignore();
    }
}

impl Redis {
    /// Writes a revocation and tells every node, both or neither.
    pub(crate) async fn write(&self, record: &Record) -> Result<(), RevocationError> {
        let Some(mut connection) = self.connections.borrow().clone() else {
            return Err(RevocationError::Unavailable { reason: "there is no connection".into() });
        };
        let mut both = redis::pipe();
        both.atomic();
        self.names.add(&mut both, record);
        let written = timeout(ANSWER, both.query_async::<()>(&mut connection)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(unavailable(&error)),
            Err(_) => Err(RevocationError::Unavailable { reason: "no answer in time".into() }),
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The task that keeps a node informed.
struct Node {
    client: Client,
    names: Names,
    shared: Arc<Shared>,
    connection: watch::Sender<Option<MultiplexedConnection>>,
    grace: Duration,
    /// When Redis last answered.
    heard: Instant,
}

type Pushes = mpsc::UnboundedReceiver<PushInfo>;

/// However the task ends, nobody says any more that everything is known.
impl Drop for Node {
    fn drop(&mut self) {
        self.shared.set_available(false);
    }
}

impl Node {
    async fn run(mut self, pushes: Pushes) {
        let mut pushes = Some(pushes);
        loop {
            if let Some(mut pushes) = pushes.take() {
                let reason = self.listen(&mut pushes).await;
                tracing::error!(target: "authz::revocations", reason, "redis lost");
                self.connection.send_replace(None);
            }
            match self.synchronize_within_grace().await {
                Ok(fresh) => {
                    tracing::info!(target: "authz::revocations", "redis found");
                    pushes = Some(fresh);
                }
                Err(error) => {
                    tracing::warn!(target: "authz::revocations", %error, "redis not found");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// INVARIANT: silence for longer than the grace means that not everything is known, also while
    /// Redis takes its time for the whole set.
    async fn synchronize_within_grace(&mut self) -> Result<Pushes, RedisError> {
        let shared = Arc::clone(&self.shared);
        let end = self.heard.checked_add(self.grace);
        let mut synchronizing = pin!(self.synchronize());
        if let Some(end) = end {
            if let Ok(done) = timeout_at(end, &mut synchronizing).await {
                return done;
            }
            shared.set_available(false);
        }
        synchronizing.await
    }

    /// Subscribes, and only then reads what is there, so that nothing falls in between.
    async fn synchronize(&mut self) -> Result<Pushes, RedisError> {
        let (sender, pushes) = mpsc::unbounded_channel();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER))
            .set_response_timeout(Some(WHOLE_SET))
            .set_push_sender(sender);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connecting.await?;
        connection.set_response_timeout(ANSWER);
        connection.subscribe(&*self.names.channel).await?;
        let (now, asked) = (self.shared.now(), Instant::now());
        connection.set_response_timeout(WHOLE_SET);
        let (theirs, _): (u64, u64) = redis::cmd("TIME").query_async(&mut connection).await?;
        // A clock that is ahead must not take from other nodes what they still need.
        redis::cmd("ZREMRANGEBYSCORE")
            .arg(&*self.names.set)
            .arg("-inf")
            .arg(now.min(theirs))
            .query_async::<()>(&mut connection)
            .await?;
        let there: Vec<(String, u64)> = redis::cmd("ZRANGE")
            .arg(&*self.names.set)
            .arg(now)
            .arg("+inf")
            .arg("BYSCORE")
            .arg("WITHSCORES")
            .query_async(&mut connection)
            .await?;
        let there: HashMap<String, u64> = there.into_iter().collect();
        for (member, forget) in &there {
            self.add(Record::from_member(member, *forget))?;
        }
        self.write_back(&there, &mut connection).await?;
        connection.set_response_timeout(ANSWER);
        self.connection.send_replace(Some(connection));
        self.heard = asked;
        self.shared.set_available(true);
        Ok(pushes)
    }

    /// Writes what is known here and not there, and tells the other nodes, which may have read what
    /// is there already.
    async fn write_back(
        &self,
        there: &HashMap<String, u64>,
        connection: &mut MultiplexedConnection,
    ) -> Result<(), RedisError> {
        let mut missing = self.shared.records();
        missing.retain(|record| there.get(&record.member()).is_none_or(|at| *at < record.forget()));
        for records in missing.chunks(1_000) {
            let mut commands = redis::pipe();
            commands.atomic();
            for record in records {
                self.names.add(&mut commands, record);
            }
            commands.query_async::<()>(connection).await?;
        }
        Ok(())
    }

    /// Takes in what is revoked, until Redis falls silent; the result says how.
    async fn listen(&mut self, pushes: &mut Pushes) -> &'static str {
        let Some(connection) = self.connection.borrow().clone() else {
            return "there is no connection";
        };
        let mut next = Instant::now() + HEARTBEAT;
        loop {
            // However many messages there are, Redis is asked in between.
            if Instant::now() >= next {
                let asked = Instant::now();
                if let Err(reason) = ping(connection.clone()).await {
                    return reason;
                }
                self.heard = asked;
                next = asked + HEARTBEAT;
            }
            match timeout_at(next, pushes.recv()).await {
                Ok(Some(push)) => match push.kind {
                    PushKind::Message if self.take_in(&push.data).is_err() => {
                        return "a message that can't be read";
                    }
                    PushKind::Disconnection => return "the connection is closed",
                    _ => {}
                },
                Ok(None) => return "the connection is gone",
                Err(_) => {}
            }
        }
    }

    fn take_in(&self, data: &[Value]) -> Result<(), RedisError> {
        match data {
            [_, Value::BulkString(message)] => {
                self.add(std::str::from_utf8(message).ok().and_then(Record::from_message))
            }
            _ => Err(unreadable()),
        }
    }

    /// What can't be read could be a revocation: then not everything is known.
    fn add(&self, record: Option<Record>) -> Result<(), RedisError> {
        self.shared.insert(record.ok_or_else(unreadable)?);
        Ok(())
    }
}

async fn ping(mut connection: MultiplexedConnection) -> Result<(), &'static str> {
    let ping = redis::cmd("PING");
    match timeout(ANSWER, ping.query_async::<String>(&mut connection)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) => Err("an error in the place of an answer"),
        Err(_) => Err("no answer in time"),
    }
}

fn unreadable() -> RedisError {
    const REASON: &str =
        "an entry of the revocations can't be read: was it written by a newer release?";
    (redis::ErrorKind::Parse, REASON).into()
}

#[cold]
fn unavailable(error: &RedisError) -> RevocationError {
    RevocationError::Unavailable { reason: error.to_string().into() }
}
