//! The accounts of a service: opening them, and what all that is done with them shares.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use authz_core::token::Verifier;
use authz_core::{Identity, Policy};
use serde_json::Value;
use sqlx::postgres::PgListener;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, AuditRecord, AuditReport, Event};
use crate::cache::{Identities, Kind, Used};
use crate::clock::Clock;
use crate::error::Error;
use crate::factors::Factors;
use crate::keys;
use crate::password::{BreachList, Cost, Hasher, Password, Rules};
use crate::session::{self, Limits, NewSession};
use crate::store::Store;
use crate::throttle::{self, FREE_FOR_A_SOURCE};

/// How often a node looks for what others have revoked.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How many looks there are between two times of writing what was used.
const LOOKS_BETWEEN_WRITES: u32 = 50;
/// How many writes there are between two times of deleting what is over.
const WRITES_BETWEEN_CLEANINGS: u32 = 60;
/// Password log-ins that may wait for their turn, for each one at work.
const QUEUE: usize = 16;

/// The accounts of a service under the policy `P`.
///
/// Cloning is cheap: clones are the same accounts. In front of a router they are an
/// [`Authenticator`](authz_core::Authenticator): [`or`](Self::or) and
/// [`verifier`](Self::verifier).
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { #[role(grants(Scope::WriteOrders))] Clerk }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use authz_accounts::{Accounts, Error, Source};
///
/// # async fn example(file: &str) -> Result<(), Error> {
/// let accounts = Accounts::<policy::Policy>::open(file).await?;
/// let password = "plinth gravel otter mandolin";
/// let home = Source::from_address("192.0.2.7".parse().unwrap());
/// accounts.sign_up("ann@example.com", password, &home).await?;
/// let session = accounts.log_in("ann@example.com", password, &home).await?;
/// let _cookie = session.set_cookie();
/// # Ok(())
/// # }
/// # let file = std::env::temp_dir().join(format!("accounts-example-{}.db", std::process::id()));
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(example(file.to_str().unwrap())).unwrap();
/// # std::fs::remove_file(file).unwrap();
/// ```
pub struct Accounts<P: Policy> {
    inner: Arc<Inner<P>>,
}

pub(crate) struct Inner<P: Policy> {
    pub(crate) store: Store,
    pub(crate) hasher: Hasher,
    /// Hashed with today's parameters, so that nobody's password takes as long as somebody's.
    pub(crate) nobody: String,
    pub(crate) rules: Rules,
    pub(crate) limits: Limits,
    pub(crate) sign_ups_per_hour: i64,
    pub(crate) free_attempts_per_source: i64,
    pub(crate) issuer: Arc<str>,
    /// What an app calls the service.
    pub(crate) service: String,
    pub(crate) key_prefix: String,
    pub(crate) words: Vec<String>,
    pub(crate) breaches: Option<Arc<dyn BreachList>>,
    pub(crate) clock: Clock,
    pub(crate) identities: Identities<P>,
    #[cfg(feature = "axum")]
    pub(crate) denials: crate::denials::Denials,
    #[cfg(feature = "passkeys")]
    pub(crate) webauthn: Option<webauthn_rs::Webauthn>,
    /// The last record of the audit trail that this node has read.
    seen: AtomicI64,
}

impl<P: Policy> Accounts<P> {
    /// Opens accounts in a SQLite file, which is made if it is not there, or in a PostgreSQL
    /// database (`postgres://…`), and brings the schema up to date.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where the database can't be opened.
    pub async fn open(database: &str) -> Result<Self, Error> {
        Self::builder().open(database).await
    }

    /// Accounts that differ from the default.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A verifier that asks these accounts, and `verifier` about requests without credentials of
    /// theirs: session cookie, API key or bearer token.
    ///
    /// Accounts are of an issuer of their own ([`Builder::issuer`]): a sealed object belongs to one of them
    /// where it names that issuer, and one that names none to a subject of the tokens' home issuer.
    #[must_use]
    pub fn or(&self, verifier: Verifier<P>) -> Verifier<P> {
        verifier.after(self.clone())
    }

    /// A verifier that knows these accounts alone. They own the sealed objects that name no issuer.
    #[must_use]
    pub fn verifier(&self) -> Verifier<P> {
        Verifier::of_issuer(Arc::clone(&self.inner.issuer), self.clone())
    }

    /// Looks at the whole audit trail, and tells what is wrong with it.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn verify_audit(&self) -> Result<AuditReport, Error> {
        audit::verify(&mut self.inner.store.read().await?).await
    }

    /// The records of the audit trail after number `after`, oldest first, at most `limit` of them.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn audit(&self, after: i64, limit: u32) -> Result<Vec<AuditRecord>, Error> {
        let mut connection = self.inner.store.pool().acquire().await?;
        audit::read(&mut connection, after, i64::from(limit)).await
    }

    /// What happened to the account of somebody who is logged in, the latest first, at most `limit`
    /// records.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] for an identity that is no session of these accounts.
    pub async fn audit_of(
        &self,
        identity: &Identity<P>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, Error> {
        let (account, _) = self.inner.session(identity)?;
        let mut connection = self.inner.store.pool().acquire().await?;
        audit::read_of(&mut connection, account, i64::from(limit)).await
    }

    /// Deletes audit records that are older than `age`, and tells how many.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn forget_audit(&self, age: Duration) -> Result<u64, Error> {
        let now = self.inner.clock.now();
        let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        let mut transaction = self.inner.store.write().await?;
        let deleted = audit::forget(&mut transaction, now, now.saturating_sub(age)).await?;
        transaction.commit().await?;
        Ok(deleted)
    }

    /// Writes what is not in the database yet: when sessions and keys were last used, and denials. Call it before the
    /// program ends.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn flush(&self) -> Result<(), Error> {
        self.inner.write_uses().await
    }

    /// Forgets what this node knows, so that the next request asks the database: for measurements.
    #[cfg(feature = "testing")]
    pub fn danger_forget_known(&self) {
        self.inner.identities.evict_all();
    }

    pub(crate) fn inner(&self) -> &Inner<P> {
        &self.inner
    }
}

impl<P: Policy> Inner<P> {
    /// The account of somebody who is logged in here, and the session.
    ///
    /// A key does not manage the account of its owner, and neither does a token of another issuer.
    pub(crate) fn session<'a>(
        &self,
        identity: &'a Identity<P>,
    ) -> Result<(&'a str, &'a str), Error> {
        let session = identity.token_id().and_then(|id| id.strip_prefix("session "));
        match session {
            Some(session) if identity.issuer() == &*self.issuer => {
                Ok((identity.subject(), session))
            }
            _ => Err(Error::NotAllowed("only somebody who is logged in may do this")),
        }
    }

    /// Refuses a password with less than `needed` characters, or easy to guess for this account.
    pub(crate) async fn check_password(
        &self,
        password: &Password,
        needed: usize,
        name: &str,
    ) -> Result<(), Error> {
        let mut context: Vec<&str> = self.words.iter().map(String::as_str).collect();
        context.push(name);
        context.extend(name.split_once('@').map(|(local, _)| local));
        password.check(needed, &context)?;
        if let Some(breaches) = &self.breaches
            && password.is_breached(&**breaches).await?
        {
            return Err(crate::PasswordFault::Breached.into());
        }
        Ok(())
    }

    /// Begins a session that lets its owner in, and commits it with what it came from: other sessions
    /// that ended, a new password.
    pub(crate) async fn begin_session(
        &self,
        mut transaction: Transaction<'static, Any>,
        account: &str,
        factors: Factors,
        (event, mut detail): (Event, Value),
    ) -> Result<NewSession, Error> {
        let limits = (self.clock.now(), &self.limits);
        let session = session::begin(&mut transaction, account, limits, factors, false).await?;
        if let Some(detail) = detail.as_object_mut() {
            detail.insert(String::from("session"), session.id().into());
        }
        self.commit_for(transaction, account, (event, detail)).await?;
        Ok(session)
    }

    /// Commits what changes who may what, puts it on record, and forgets what this node knew about the
    /// account.
    pub(crate) async fn commit_for(
        &self,
        mut transaction: Transaction<'static, Any>,
        account: &str,
        (event, detail): (Event, Value),
    ) -> Result<(), Error> {
        audit::append(&mut transaction, self.clock.now(), event, account, detail).await?;
        if self.store.postgres_url().is_some() {
            let notify = "SELECT pg_notify('authz_accounts', '')";
            sqlx::query(notify).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        self.identities.evict(account);
        Ok(())
    }

    /// Reads what has happened elsewhere, and throws out what it touches.
    async fn look(&self) -> Result<(), Error> {
        let began = Instant::now();
        let ends = "SELECT seq, base_seq FROM audit_chain WHERE one = 1";
        let ends = sqlx::query(ends).fetch_one(self.store.pool()).await?;
        let (last, base): (i64, i64) = (ends.try_get(0)?, ends.try_get(1)?);
        let seen = self.seen.load(Ordering::Acquire);
        if base > seen {
            // What happened between is not told any more.
            self.identities.evict_all();
        } else if last != seen {
            let touched = "SELECT DISTINCT account FROM audit WHERE seq > $1 AND seq <= $2 \
                           AND event NOT IN ('log_in', 'log_in_failed', 'sign_up', 'denied')";
            let touched = sqlx::query(touched).bind(seen).bind(last).fetch_all(self.store.pool());
            for row in touched.await? {
                self.identities.evict(row.try_get(0)?);
            }
        }
        self.seen.store(last, Ordering::Release);
        self.identities.confirm(began);
        Ok(())
    }

    async fn write_uses(&self) -> Result<(), Error> {
        #[cfg(feature = "axum")]
        self.write_denials().await?;
        let used = self.identities.take_used();
        if used.is_empty() {
            return Ok(());
        }
        let written = self.write_these(&used).await;
        if written.is_err() {
            self.identities.put_back(used);
        }
        written
    }

    #[cfg(feature = "axum")]
    async fn write_denials(&self) -> Result<(), Error> {
        if self.denials.is_empty() {
            return Ok(());
        }
        let mut transaction = self.store.write().await?;
        self.denials.write(&mut transaction, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn write_these(&self, used: &[Used<P>]) -> Result<(), Error> {
        let mut transaction = self.store.write().await?;
        for Used { entry, times, last_used_at } in used {
            let statement = match entry.kind {
                Kind::Session => {
                    "UPDATE session SET last_used_at = $1 WHERE id = $2 AND last_used_at < $1"
                }
                Kind::Key => {
                    "UPDATE api_key SET uses = uses + $3, last_used_at = CASE WHEN \
                     last_used_at < $1 THEN $1 ELSE last_used_at END WHERE id = $2"
                }
            };
            let statement = sqlx::query(statement).bind(last_used_at).bind(&*entry.id);
            let statement = match entry.kind {
                Kind::Session => statement,
                Kind::Key => statement.bind(i64::try_from(*times).unwrap_or(i64::MAX)),
            };
            statement.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn clean(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut transaction = self.store.write().await?;
        session::forget(&mut transaction, (now, &self.limits)).await?;
        throttle::forget(&mut transaction, now).await?;
        keys::forget(&mut transaction, now).await?;
        #[cfg(feature = "passkeys")]
        crate::passkeys::forget(&mut transaction, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Looks at the database until the accounts are gone.
async fn watch<P: Policy>(accounts: Weak<Inner<P>>) {
    let mut tick = tokio::time::interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut listener = None;
    let mut looks = 0_u32;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = notified(&mut listener) => {}
        }
        let Some(accounts) = accounts.upgrade() else { return };
        if listener.is_none() {
            listener = listen(accounts.store.postgres_url()).await;
        }
        looks = looks.wrapping_add(1);
        let mut done = accounts.look().await;
        if done.is_ok() && looks.is_multiple_of(LOOKS_BETWEEN_WRITES) {
            done = accounts.write_uses().await;
        }
        if done.is_ok() && looks.is_multiple_of(LOOKS_BETWEEN_WRITES * WRITES_BETWEEN_CLEANINGS) {
            done = accounts.clean().await;
        }
        if let Err(Error::Unavailable { source }) = done {
            tracing::warn!(target: "authz", %source, "the database of accounts can't be reached");
        }
    }
}

/// What PostgreSQL says; without it, a node is as fast as it looks.
async fn listen(url: Option<&str>) -> Option<PgListener> {
    let mut listener = PgListener::connect(url?).await.ok()?;
    listener.listen("authz_accounts").await.ok()?;
    Some(listener)
}

/// Waits for PostgreSQL to say something; for ever, if it doesn't.
async fn notified(listener: &mut Option<PgListener>) {
    match listener {
        Some(connected) => {
            if connected.recv().await.is_err() {
                *listener = None;
            }
        }
        None => std::future::pending().await,
    }
}

impl<P: Policy> Clone for Accounts<P> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<P: Policy> std::fmt::Debug for Accounts<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").field("issuer", &self.inner.issuer).finish_non_exhaustive()
    }
}

/// Configures [`Accounts`].
#[must_use = "a builder does nothing until `open`"]
pub struct Builder {
    issuer: Arc<str>,
    service: String,
    key_prefix: String,
    cost: Cost,
    pepper: Vec<u8>,
    rules: Rules,
    limits: Limits,
    sign_ups_per_hour: u32,
    free_attempts_per_source: i64,
    words: Vec<String>,
    breaches: Option<Arc<dyn BreachList>>,
    clock: Clock,
    /// The domain that passkeys belong to, and the origin of the pages that ask for them.
    #[cfg(feature = "passkeys")]
    passkeys: Option<(String, String)>,
    /// The last migration to apply.
    schema: i64,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            issuer: Arc::from("urn:authz:accounts"),
            service: String::from("accounts"),
            key_prefix: String::from("authz"),
            cost: Cost::default(),
            pepper: Vec::new(),
            rules: Rules::default(),
            limits: Limits::default(),
            sign_ups_per_hour: 10,
            free_attempts_per_source: FREE_FOR_A_SOURCE,
            words: Vec::new(),
            breaches: None,
            clock: Clock::default(),
            #[cfg(feature = "passkeys")]
            passkeys: None,
            schema: i64::MAX,
        }
    }
}

impl Builder {
    /// The issuer of the identities: `urn:authz:accounts` unless set. A subject is unique within
    /// its issuer.
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.issuer = issuer.into();
        self
    }

    /// What apps for one-time codes call the service: `accounts` unless set. It is no good password
    /// either.
    pub fn service(mut self, name: &str) -> Self {
        name.clone_into(&mut self.service);
        self.block_word(name)
    }

    /// What API keys begin with: `authz` unless set; 2 to 16 lower-case letters and digits. A
    /// prefix of your own lets scanners of leaked secrets tell whose they are.
    pub fn key_prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.key_prefix);
        self
    }

    /// A key kept elsewhere than in the database, without which its password hashes are worthless
    /// (SP 800-63B-4 section 3.1.1.2), and its seeds of one-time codes sealed. It can't be changed
    /// later: the passwords would be lost.
    pub fn pepper(mut self, key: &[u8]) -> Self {
        self.pepper = key.to_vec();
        self
    }

    /// How long a session may be idle, and how long it lasts: an hour and a day unless set.
    pub fn session_limits(mut self, idle: Duration, absolute: Duration) -> Self {
        self.limits = Limits { idle, absolute };
        self
    }

    /// How many accounts one source makes in an hour: ten unless set. Many people may share one address.
    pub fn sign_ups_per_hour(mut self, limit: u32) -> Self {
        self.sign_ups_per_hour = limit;
        self
    }

    /// Sets how many wrong passwords and codes one source may show over all names before it has to wait: 20
    /// unless set, 1 at least. Raise it where many people share an address; five for one name stay.
    pub fn free_attempts_per_source(mut self, limit: u32) -> Self {
        self.free_attempts_per_source = i64::from(limit.max(1));
        self
    }

    /// A word that is no good password here, such as the name of the service.
    pub fn block_word(mut self, word: &str) -> Self {
        self.words.push(word.to_lowercase());
        self
    }

    /// Refuses new passwords that this list has.
    pub fn breach_list(mut self, list: impl BreachList) -> Self {
        self.breaches = Some(Arc::new(list));
        self
    }

    /// Hashes passwords with so many KiB and passes, which may be fewer than is safe: for tests.
    pub fn danger_password_cost(mut self, kibibytes: u32, passes: u32) -> Self {
        self.cost = Cost { kibibytes, passes };
        self
    }

    /// Takes passkeys, which belong to `domain` for ever and are asked for by pages at `origin`:
    /// `("shop.example", "https://shop.example")`, or `("shop.example", "https://www.shop.example")`.
    #[cfg(feature = "passkeys")]
    pub fn passkeys(mut self, domain: &str, origin: &str) -> Self {
        self.passkeys = Some((domain.to_owned(), origin.to_owned()));
        self
    }

    /// Takes the time from a clock that a test moves.
    #[cfg(feature = "testing")]
    pub fn clock(mut self, clock: &authz_core::testing::Clock) -> Self {
        self.clock = Clock::Test(clock.clone());
        self
    }

    /// Stops at an earlier version of the schema, to test the way from there.
    #[cfg(feature = "testing")]
    pub fn schema(mut self, version: i64) -> Self {
        self.schema = version;
        self
    }

    /// Opens the accounts, as [`Accounts::open`].
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where the database can't be opened; [`Error::NotAllowed`] for a prefix
    /// of keys that can't be one, and for passkeys of a domain that is not that of their pages.
    pub async fn open<P: Policy>(self, database: &str) -> Result<Accounts<P>, Error> {
        if !keys::is_prefix(&self.key_prefix) {
            return Err(Error::NotAllowed(
                "a prefix of keys is 2 to 16 lower-case letters and digits",
            ));
        }
        #[cfg(feature = "passkeys")]
        let webauthn = match &self.passkeys {
            Some(site) => Some(crate::passkeys::relying_party(site, &self.service)?),
            None => None,
        };
        let store = Store::open(database, self.schema).await?;
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let hasher = Hasher::new(self.cost, self.pepper, workers, workers * QUEUE);
        let nobody = crate::secret::random_text()?;
        let nobody = Password::read(&nobody).ok_or(Error::Refused)?;
        let nobody = hasher.hash(nobody).await?;
        let last = sqlx::query("SELECT seq FROM audit_chain WHERE one = 1");
        let last = last.fetch_one(store.pool()).await?.try_get(0)?;
        let inner = Arc::new(Inner {
            store,
            hasher,
            nobody,
            rules: self.rules,
            limits: self.limits,
            sign_ups_per_hour: i64::from(self.sign_ups_per_hour),
            free_attempts_per_source: self.free_attempts_per_source,
            issuer: self.issuer,
            service: self.service,
            key_prefix: self.key_prefix,
            words: self.words,
            breaches: self.breaches,
            clock: self.clock,
            identities: Identities::new(),
            #[cfg(feature = "axum")]
            denials: crate::denials::Denials::default(),
            #[cfg(feature = "passkeys")]
            webauthn,
            seen: AtomicI64::new(last),
        });
        tokio::spawn(watch(Arc::downgrade(&inner)));
        Ok(Accounts { inner })
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
