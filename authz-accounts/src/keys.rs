//! API keys: credentials of programs, which speak for an account.
//!
//! - A key is `authz_<52 characters>_<7 characters>`: a prefix by which scanners find keys that
//!   leaked ([`Builder::key_prefix`](crate::Builder::key_prefix)), 256 random bits, and a checksum by
//!   which they, and this crate, tell a key from what looks like one without asking anybody.
//! - It is shown once. The database has its hash (SHA-256; a slow hash is for what can be guessed),
//!   so that a copy of the database lets nobody in (ASVS V13.3.1).
//! - It expires, a year from now at the latest.
//! - It has scopes that its owner holds when it is made, and gives of these only what the owner
//!   still holds when it is used. Who it is, the owner's roles, is the owner's.
//! - It shows no log-in: `mfa` and `max_age` are never met by a key.
//! - Rotation makes a second key beside the first, which dies when the overlap is over. Revocation
//!   is at once on the node where it happens, and within a second on the others.
//! - Uses are counted in memory and written every few seconds.
//!
//! A program sends it as `Authorization: Bearer authz_…`. No browser sends it by itself.

use std::time::Duration;

use authz_core::{Identity, Policy, Vocabulary};
use aws_lc_rs::digest;
use data_encoding::BASE32_NOPAD;
use serde::Serialize;
use serde_json::json;
use sqlx::{Any, Row, Transaction};
use zeroize::Zeroizing;

use crate::accounts::Accounts;
use crate::audit::{self, Event};
use crate::error::Error;
use crate::secret::{SecretHash, is_id, random, random_id};
use crate::session;

/// The longest life of a key.
const LONGEST_LIFE: Duration = Duration::from_hours(366 * 24);
/// The longest label, in characters.
const LABEL_LIMIT: usize = 100;
/// As many keys as one account may have.
const KEYS_LIMIT: i64 = 100;

/// A key that was just made: its secret is nowhere else.
pub struct NewKey {
    secret: Zeroizing<String>,
    id: String,
    expires_at: i64,
}

impl NewKey {
    /// The key itself, to be shown once.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The name of the key, which is no secret.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it expires, in seconds since 1970.
    #[must_use]
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A key as its owner sees it: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Key {
    /// Its name, to revoke it by.
    pub id: String,
    /// What it is for, in its owner's words.
    pub label: String,
    /// The wire names of its scopes.
    pub scopes: Vec<String>,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
    /// When it expires, in seconds since 1970.
    pub expires_at: i64,
    /// When it was last used, in seconds since 1970; `None` if never, up to a few seconds late.
    pub last_used_at: Option<i64>,
    /// How often it was used, up to a few seconds ago.
    pub uses: i64,
}

/// What the database says about a key.
pub(crate) struct FoundKey {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) scopes: String,
    pub(crate) expires_at: i64,
    pub(crate) roles: Vec<String>,
}

/// Makes the text of a key.
fn generate(prefix: &str) -> Result<Zeroizing<String>, Error> {
    let secret = Zeroizing::new(BASE32_NOPAD.encode(&*random::<32>()?).to_ascii_lowercase());
    let body = Zeroizing::new(format!("{prefix}_{}", *secret));
    Ok(Zeroizing::new(format!("{}_{}", *body, checksum(&body))))
}

/// Seven characters that say whether the rest is whole. Anybody can compute them: they keep typing
/// errors away from the database, and nothing else.
fn checksum(body: &str) -> String {
    let hash = digest::digest(&digest::SHA256, body.as_bytes());
    let beginning = hash.as_ref().get(..4).unwrap_or_default();
    BASE32_NOPAD.encode(beginning).to_ascii_lowercase()
}

/// Whether a bearer token is meant to be a key.
pub(crate) fn is_key(prefix: &str, token: &str) -> bool {
    token.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('_'))
}

/// Whether a key is whole.
pub(crate) fn is_whole(prefix: &str, key: &str) -> bool {
    let Some((body, sum)) = key.rsplit_once('_') else { return false };
    body.len() == prefix.len() + 53 && checksum(body) == sum
}

/// Whether a text can be the prefix of keys.
pub(crate) fn is_prefix(prefix: &str) -> bool {
    (2..=16).contains(&prefix.len())
        && prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

impl<P: Policy> Accounts<P> {
    /// Makes a key for somebody who is logged in.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] for a scope that the caller does not hold, or a life of less than a
    /// second or more than a year; [`Error::Conflict`] after the hundredth key.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use authz_accounts::{Accounts, Error};
    /// use authz_core::{Identity, Policy};
    ///
    /// async fn key_for_the_till<P: Policy>(
    ///     accounts: &Accounts<P>,
    ///     owner: &Identity<P>,
    ///     scope: P::Scope,
    /// ) -> Result<String, Error> {
    ///     let month = Duration::from_hours(30 * 24);
    ///     let key = accounts.create_key(owner, "till", &[scope], month).await?;
    ///     Ok(format!("Keep this, it is not shown again: {}", key.secret()))
    /// }
    /// ```
    pub async fn create_key(
        &self,
        owner: &Identity<P>,
        label: &str,
        scopes: &[P::Scope],
        life: Duration,
    ) -> Result<NewKey, Error> {
        let inner = self.inner();
        let (account, session) = inner.session(owner)?;
        if scopes.iter().any(|scope| !owner.has_scope(*scope)) {
            return Err(Error::NotAllowed("nobody gives a key more than they hold themselves"));
        }
        let life = i64::try_from(life.min(LONGEST_LIFE + Duration::from_secs(1)).as_secs());
        let life = life.unwrap_or(i64::MAX);
        if life < 1 || life.unsigned_abs() > LONGEST_LIFE.as_secs() {
            return Err(Error::NotAllowed("a key lives for a second at least and a year at most"));
        }
        let label = readable(label);
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.wire_name()).collect();
        let (now, scopes) = (inner.clock.now(), scopes.join(" "));
        let mut transaction = inner.store.write().await?;
        session::require_factors(&mut transaction, account, session, now).await?;
        let made = (account, &*label, &*scopes);
        let times = (now, now.saturating_add(life));
        let key = insert(&mut transaction, &inner.key_prefix, made, times).await?;
        let detail = json!({ "key": key.id, "label": label, "scopes": scopes });
        audit::append(&mut transaction, now, Event::KeyCreated, account, detail).await?;
        transaction.commit().await?;
        Ok(key)
    }

    /// The keys of somebody who is logged in that have not expired, the latest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] for an identity that is no session of these accounts.
    pub async fn keys(&self, owner: &Identity<P>) -> Result<Vec<Key>, Error> {
        let inner = self.inner();
        let (account, _) = inner.session(owner)?;
        let keys = "SELECT id, label, scopes, created_at, expires_at, last_used_at, uses \
            FROM api_key WHERE account = $1 AND expires_at > $2 ORDER BY created_at DESC, id";
        let keys = sqlx::query(keys).bind(account).bind(inner.clock.now());
        let key = |row: &sqlx::any::AnyRow| {
            let scopes: String = row.try_get(2)?;
            Ok(Key {
                id: row.try_get(0)?,
                label: row.try_get(1)?,
                scopes: scopes.split_whitespace().map(str::to_owned).collect(),
                created_at: row.try_get(3)?,
                expires_at: row.try_get(4)?,
                last_used_at: Some(row.try_get(5)?).filter(|time| *time > 0),
                uses: row.try_get(6)?,
            })
        };
        keys.fetch_all(inner.store.pool()).await?.iter().map(key).collect()
    }

    /// Makes a key that takes the place of another, with its label, those of its scopes that the owner
    /// still holds, and as long a life. The other one works until `overlap` is over.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is no such key, or it is somebody else's.
    pub async fn rotate_key(
        &self,
        owner: &Identity<P>,
        id: &str,
        overlap: Duration,
    ) -> Result<NewKey, Error> {
        let inner = self.inner();
        let (account, session) = inner.session(owner)?;
        let now = inner.clock.now();
        let overlap = i64::try_from(overlap.as_secs()).unwrap_or(i64::MAX);
        let mut transaction = inner.store.write().await?;
        let old = "UPDATE api_key SET expires_at = CASE WHEN expires_at < $4 THEN expires_at \
            ELSE $4 END WHERE id = $1 AND account = $2 AND expires_at > $3 RETURNING label, scopes";
        let life = "SELECT expires_at - created_at FROM api_key WHERE id = $1 AND account = $2";
        let nothing = || Error::NotFound { what: "key" };
        if !is_id(id) {
            return Err(nothing());
        }
        session::require_factors(&mut transaction, account, session, now).await?;
        let life = sqlx::query(life).bind(id).bind(account).fetch_optional(&mut *transaction);
        let life: i64 = life.await?.ok_or_else(nothing)?.try_get(0)?;
        let old = sqlx::query(old)
            .bind(id)
            .bind(account)
            .bind(now)
            .bind(now.saturating_add(overlap))
            .fetch_optional(&mut *transaction)
            .await?
            .ok_or_else(nothing)?;
        let (label, scopes): (String, String) = (old.try_get(0)?, old.try_get(1)?);
        let still = scopes.split_whitespace().filter(|name| {
            P::Scope::from_wire_name(name).is_some_and(|scope| owner.has_scope(scope))
        });
        let scopes = still.collect::<Vec<_>>().join(" ");
        let made = (account, &*label, &*scopes);
        let times = (now, now.saturating_add(life));
        let key = insert(&mut transaction, &inner.key_prefix, made, times).await?;
        let detail = json!({ "key": key.id, "instead_of": id });
        inner.commit_for(transaction, account, (Event::KeyRotated, detail)).await?;
        Ok(key)
    }

    /// Revokes one of one's own keys.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is no such key, or it is somebody else's.
    pub async fn revoke_key(&self, owner: &Identity<P>, id: &str) -> Result<(), Error> {
        let inner = self.inner();
        let (account, _) = inner.session(owner)?;
        let nothing = || Error::NotFound { what: "key" };
        if !is_id(id) {
            return Err(nothing());
        }
        let mut transaction = inner.store.write().await?;
        let revoked = sqlx::query("DELETE FROM api_key WHERE id = $1 AND account = $2");
        let revoked = revoked.bind(id).bind(account).execute(&mut *transaction).await?;
        if revoked.rows_affected() == 0 {
            return Err(nothing());
        }
        let detail = json!({ "key": id });
        inner.commit_for(transaction, account, (Event::KeyRevoked, detail)).await
    }
}

/// A label that is shown in lists: one line of at most so many characters.
fn readable(label: &str) -> String {
    let line = label.chars().map(|one| if one.is_control() { ' ' } else { one });
    line.take(LABEL_LIMIT).collect::<String>().trim().to_owned()
}

async fn insert(
    transaction: &mut Transaction<'static, Any>,
    prefix: &str,
    (account, label, scopes): (&str, &str, &str),
    (now, expires_at): (i64, i64),
) -> Result<NewKey, Error> {
    let count = sqlx::query("SELECT COUNT(*) FROM api_key WHERE account = $1 AND expires_at > $2");
    let count = count.bind(account).bind(now).fetch_one(&mut **transaction).await?;
    if count.try_get::<i64, _>(0)? >= KEYS_LIMIT {
        return Err(Error::Conflict("there are as many keys as one account may have"));
    }
    let (secret, id) = (generate(prefix)?, random_id()?);
    let key = "INSERT INTO api_key (hash, id, account, label, scopes, created_at, expires_at, \
               last_used_at, uses) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)";
    sqlx::query(key)
        .bind(SecretHash::of(&secret).text())
        .bind(&id)
        .bind(account)
        .bind(label)
        .bind(scopes)
        .bind(now)
        .bind(expires_at)
        .execute(&mut **transaction)
        .await?;
    Ok(NewKey { secret, id, expires_at })
}

/// The key of this hash, with the account and its roles, in one look.
pub(crate) async fn find<'e>(
    executor: impl sqlx::Executor<'e, Database = Any>,
    hash: &SecretHash,
) -> Result<Option<FoundKey>, Error> {
    let key = "SELECT api_key.hash, api_key.id, api_key.account, account.name, api_key.scopes, \
        api_key.expires_at, account_role.role \
        FROM api_key JOIN account ON account.id = api_key.account AND account.disabled_at IS NULL \
        LEFT JOIN account_role ON account_role.account = account.id WHERE api_key.hash = $1";
    let rows = sqlx::query(key).bind(hash.text()).fetch_all(executor).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    if !hash.is(first.try_get(0)?) {
        return Ok(None);
    }
    let roles = rows.iter().map(|row| row.try_get::<Option<String>, _>(6));
    Ok(Some(FoundKey {
        id: first.try_get(1)?,
        account: first.try_get(2)?,
        name: first.try_get(3)?,
        scopes: first.try_get(4)?,
        expires_at: first.try_get(5)?,
        roles: roles.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect(),
    }))
}

/// Deletes keys that have expired.
pub(crate) async fn forget(
    transaction: &mut Transaction<'static, Any>,
    now: i64,
) -> Result<(), Error> {
    let expired = sqlx::query("DELETE FROM api_key WHERE expires_at <= $1").bind(now);
    expired.execute(&mut **transaction).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{generate, is_key, is_prefix, is_whole, readable};

    #[test]
    fn a_key_is_found_by_its_shape() {
        let key = generate("authz").unwrap();
        let [prefix, secret, sum] = key.split('_').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!((prefix, secret.len(), sum.len()), ("authz", 52, 7));
        assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        assert!(is_key("authz", &key) && is_whole("authz", &key));
        assert_ne!(key, generate("authz").unwrap());
    }

    #[test]
    fn a_slip_of_the_pen_is_no_key() {
        let key = generate("authz").unwrap();
        for position in 0..key.len() {
            let mut wrong = key.to_string().into_bytes();
            wrong[position] = if wrong[position] == b'a' { b'b' } else { b'a' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert!(!is_key("authz", &wrong) || !is_whole("authz", &wrong), "{wrong}");
        }
        for wrong in ["authz_", "authz__", "authz_a_b", "authz", ""] {
            assert!(!is_whole("authz", wrong), "{wrong}");
        }
        assert!(!is_whole("authz", &key.to_uppercase()));
        assert!(!is_key("authz", "authz2_abc") && !is_key("authz", "a.b.c"));
    }

    #[test]
    fn a_prefix_is_a_word() {
        assert!(is_prefix("sk") && is_prefix("shop2"));
        for wrong in ["", "s", "Shop", "sh_op", "a-b", "seventeencharacte"] {
            assert!(!is_prefix(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_label_is_one_line() {
        assert_eq!(readable(" a\r\nb\0 "), "a  b");
        assert_eq!(readable(&"x".repeat(1000)).len(), 100);
    }
}
