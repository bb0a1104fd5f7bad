//! Sessions: what stands between one log-in and the next.
//!
//! SP 800-63B-4 section 5 and ASVS 5.0 V7:
//!
//! - The cookie holds 256 random bits; the database holds their hash.
//! - Log-in, second factor, re-authentication and a change of roles begin a new session with a
//!   new secret, and the old one is dead: a secret that was planted before is worthless.
//! - A session ends when it is idle for an hour, and a day after its log-in at the latest (section
//!   2.2.3, AAL2), whatever happens in it.
//! - Its owner sees all of them and can end each; a new password ends them all.
//! - While a second factor is outstanding, a session lets nobody past any guard.

use std::time::Duration;

use http::HeaderValue;
use serde::Serialize;
use sqlx::{Any, Row, Transaction};

use crate::cookie;
use crate::error::Error;
use crate::factors::Factors;
use crate::second_factor;
use crate::secret::{SecretHash, is_id, random_id, random_text};

/// How long a session waits for the second factor, in seconds.
const WAITING: i64 = 600;

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) idle: Duration,
    pub(crate) absolute: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { idle: Duration::from_hours(1), absolute: Duration::from_hours(24) }
    }
}

impl Limits {
    pub(crate) fn idle_seconds(&self) -> i64 {
        i64::try_from(self.idle.as_secs()).unwrap_or(i64::MAX)
    }

    fn absolute_seconds(&self) -> i64 {
        i64::try_from(self.absolute.as_secs()).unwrap_or(i64::MAX)
    }
}

/// A session that has just begun: its secret is nowhere else.
pub struct NewSession {
    cookie: HeaderValue,
    pub(crate) id: String,
    pub(crate) outstanding: bool,
}

impl NewSession {
    /// The value of `Set-Cookie` that gives the session to the browser.
    #[must_use]
    pub fn set_cookie(&self) -> HeaderValue {
        self.cookie.clone()
    }

    /// The name of the session, which is no secret.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether a second factor has to be shown before the session lets anybody in.
    #[must_use]
    pub fn needs_second_factor(&self) -> bool {
        self.outstanding
    }
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession")
            .field("id", &self.id)
            .field("outstanding", &self.outstanding)
            .finish_non_exhaustive()
    }
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Session {
    /// Its name, to end it by.
    pub id: String,
    /// When it began, in seconds since 1970.
    pub created_at: i64,
    /// When it was last used, in seconds since 1970; up to a minute late.
    pub last_used_at: i64,
    /// When it ends at the latest, in seconds since 1970.
    pub expires_at: i64,
    /// How its owner logged in: methods of RFC 8176.
    pub methods: Vec<String>,
}

/// What the database says about the session of a cookie.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) authenticated_at: i64,
    pub(crate) last_used_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) methods: String,
    pub(crate) outstanding: bool,
    pub(crate) roles: Vec<String>,
}

impl Found {
    /// Takes into account that it was used at `time`.
    pub(crate) fn used_at(mut self, time: i64) -> Self {
        self.last_used_at = self.last_used_at.max(time);
        self
    }

    /// Whether it is still alive.
    pub(crate) fn is_alive(&self, now: i64, limits: &Limits) -> bool {
        now < self.expires_at && now - self.last_used_at < limits.idle_seconds()
    }
}

/// A session that a transaction keeps from ending.
pub(crate) struct Held {
    pub(crate) authenticated_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) methods: String,
}

/// Begins a session of whoever showed these factors: the only way there is.
pub(crate) async fn begin(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
    (now, limits): (i64, &Limits),
    factors: Factors,
    outstanding: bool,
) -> Result<NewSession, Error> {
    let (secret, id) = (random_text()?, random_id()?);
    let end = if outstanding { now + WAITING } else { factors.end(limits.absolute_seconds()) };
    let session = "INSERT INTO session (hash, id, account, created_at, authenticated_at, \
                   last_used_at, expires_at, methods, outstanding) \
                   VALUES ($1, $2, $3, $4, $5, $4, $6, $7, $8)";
    sqlx::query(session)
        .bind(SecretHash::of(&secret).text())
        .bind(&id)
        .bind(account)
        .bind(now)
        .bind(factors.since())
        .bind(end)
        .bind(factors.methods())
        .bind(i64::from(outstanding))
        .execute(&mut **transaction)
        .await?;
    Ok(NewSession { cookie: cookie::set(&secret)?, id, outstanding })
}

/// The session of a cookie, with the account and its roles, in one look.
pub(crate) async fn find<'e>(
    executor: impl sqlx::Executor<'e, Database = Any>,
    hash: &SecretHash,
) -> Result<Option<Found>, Error> {
    let session = "SELECT session.hash, session.id, session.account, account.name, \
        session.authenticated_at, session.last_used_at, session.expires_at, session.methods, \
        session.outstanding, account_role.role \
        FROM session JOIN account ON account.id = session.account AND account.disabled_at IS NULL \
        LEFT JOIN account_role ON account_role.account = account.id WHERE session.hash = $1";
    let rows = sqlx::query(session).bind(hash.text()).fetch_all(executor).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    if !hash.is(first.try_get(0)?) {
        return Ok(None);
    }
    let roles = rows.iter().map(|row| row.try_get::<Option<String>, _>(9));
    let roles = roles.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    Ok(Some(Found {
        id: first.try_get(1)?,
        account: first.try_get(2)?,
        name: first.try_get(3)?,
        authenticated_at: first.try_get(4)?,
        last_used_at: first.try_get(5)?,
        expires_at: first.try_get(6)?,
        methods: first.try_get(7)?,
        outstanding: first.try_get::<i64, _>(8)? != 0,
        roles,
    }))
}

/// The sessions of an account that are alive, the latest first.
pub(crate) async fn list(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
    (now, limits): (i64, &Limits),
) -> Result<Vec<Session>, Error> {
    let sessions = "SELECT id, created_at, last_used_at, expires_at, methods FROM session \
        WHERE account = $1 AND outstanding = 0 AND expires_at > $2 AND last_used_at > $3 \
        ORDER BY created_at DESC, id";
    let rows = sqlx::query(sessions)
        .bind(account)
        .bind(now)
        .bind(now - limits.idle_seconds())
        .fetch_all(&mut **transaction)
        .await?;
    let session = |row: &sqlx::any::AnyRow| {
        let methods: String = row.try_get(4)?;
        Ok(Session {
            id: row.try_get(0)?,
            created_at: row.try_get(1)?,
            last_used_at: row.try_get(2)?,
            expires_at: row.try_get(3)?,
            methods: methods.split(' ').map(str::to_owned).collect(),
        })
    };
    rows.iter().map(session).collect()
}

/// Refuses what outlives a session where the session is over by now, and keeps it from ending before
/// the transaction does.
///
/// A guard saw it when the head of the request came, or in memory; the body may have come much later.
pub(crate) async fn require(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
    id: &str,
    now: i64,
) -> Result<Held, Error> {
    let held = "UPDATE session SET last_used_at = last_used_at WHERE id = $1 AND account = $2 \
                AND outstanding = 0 AND expires_at > $3 \
                RETURNING authenticated_at, expires_at, methods";
    let held = sqlx::query(held).bind(id).bind(account).bind(now);
    let held = held.fetch_optional(&mut **transaction).await?.ok_or(Error::Refused)?;
    Ok(Held {
        authenticated_at: held.try_get(0)?,
        expires_at: held.try_get(1)?,
        methods: held.try_get(2)?,
    })
}

/// As [`require`], for what changes how somebody logs in: where there is a second factor, the session has
/// shown it, and lately (ASVS V7.5.1).
pub(crate) async fn require_factors(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
    id: &str,
    now: i64,
) -> Result<Factors, Error> {
    let factors = Factors::of_session(&require(transaction, account, id, now).await?);
    if second_factor::is_there(&mut **transaction, account).await? {
        factors.require_second(now)?;
    }
    Ok(factors)
}

/// Keeps others from changing the account, and from beginning or ending its sessions, until the
/// transaction is over: of two at once, one sees the other.
///
/// Always after recovery codes, the app and the counters, and before passkeys, sessions and roles, so
/// that two transactions can't wait for each other.
pub(crate) async fn hold_account(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
) -> Result<(), Error> {
    let held = sqlx::query("UPDATE account SET failures = failures WHERE id = $1").bind(account);
    held.execute(&mut **transaction).await?;
    Ok(())
}

/// Ends the session of this id, if it is the account's.
pub(crate) async fn end(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
    id: &str,
) -> Result<bool, Error> {
    if !is_id(id) {
        return Ok(false);
    }
    let ended = sqlx::query("DELETE FROM session WHERE id = $1 AND account = $2")
        .bind(id)
        .bind(account)
        .execute(&mut **transaction)
        .await?;
    Ok(ended.rows_affected() > 0)
}

/// Ends all sessions of an account, and those that are about to begin.
pub(crate) async fn end_all(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
) -> Result<u64, Error> {
    hold_account(transaction, account).await?;
    let ended = sqlx::query("DELETE FROM session WHERE account = $1")
        .bind(account)
        .execute(&mut **transaction)
        .await?;
    Ok(ended.rows_affected())
}

/// Deletes sessions that are over.
pub(crate) async fn forget(
    transaction: &mut Transaction<'static, Any>,
    (now, limits): (i64, &Limits),
) -> Result<(), Error> {
    sqlx::query("DELETE FROM session WHERE expires_at <= $1 OR last_used_at <= $2")
        .bind(now)
        .bind(now - limits.idle_seconds())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
