//! Signing up, logging in and out, and changing the password.

use authz_core::{Guard, Guarded, Identity, Policy};
use serde_json::json;
use sqlx::{Any, Row, Transaction};

use crate::accounts::Accounts;
use crate::audit::{self, Event};
use crate::error::Error;
use crate::factors::Factors;
use crate::name;
use crate::password::{Password, PasswordFault, Verdict};
use crate::second_factor;
use crate::secret::{SecretHash, random_id};
use crate::session::{self, NewSession, Session};
use crate::throttle::{self, Attempt, HARD_STOP, Source};

/// Somebody whose password was right; made in [`Accounts::compare`] alone.
pub(crate) struct Owner {
    account: String,
    attempt: Attempt,
    /// The hash that the password was compared with.
    compared: String,
    /// The hash to keep from now on.
    kept: String,
}

impl<P: Policy> Accounts<P> {
    /// Makes an account without a role, and tells its id.
    ///
    /// That a name is taken can be found out here by anybody: where names are addresses, and that
    /// must not be told, have the address confirmed first and sign up then.
    ///
    /// One source makes a few an hour
    /// ([`Builder::sign_ups_per_hour`](crate::Builder::sign_ups_per_hour)), names that are taken
    /// included.
    ///
    /// # Errors
    ///
    /// [`Error::Name`], [`Error::Password`] and [`Error::NameTaken`] say what to change;
    /// [`Error::Throttled`] after too many.
    pub async fn sign_up(
        &self,
        name: &str,
        password: &str,
        source: &Source,
    ) -> Result<String, Error> {
        let inner = self.inner();
        let name = name::chosen(name)?;
        let password = Password::read(password).ok_or(PasswordFault::TooLong)?;
        inner.check_password(&password, inner.rules.alone, &name).await?;
        let (id, now) = (random_id()?, inner.clock.now());
        // Counted before the hash, which is what a flood would cost.
        let mut transaction = inner.store.write().await?;
        let quota = ("sign-up", inner.sign_ups_per_hour);
        throttle::use_quota(&mut transaction, quota, source, now).await?;
        transaction.commit().await?;
        let alone = password.characters() >= inner.rules.alone;
        let hash = inner.hasher.hash(password).await?;
        let mut transaction = inner.store.write().await?;
        let account = "INSERT INTO account (id, name, password_hash, password_alone, created_at, \
            password_changed_at, failures) VALUES ($1, $2, $3, $4, $5, $5, 0) \
            ON CONFLICT (name) DO NOTHING";
        let made = sqlx::query(account)
            .bind(&id)
            .bind(&name)
            .bind(hash)
            .bind(i64::from(alone))
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        if made.rows_affected() == 0 {
            return Err(Error::NameTaken);
        }
        let detail = json!({ "name": name, "source": source.to_string() });
        audit::append(&mut transaction, now, Event::SignUp, &id, detail).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Begins a session for whoever knows the password. Where the account has a second factor, the
    /// session lets nobody in before [`second_factor`](Self::second_factor).
    ///
    /// Everything that is wrong has the same answer in the same time: name, password, an account
    /// that is locked or disabled.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]; [`Error::Throttled`] after too many of these.
    pub async fn log_in(
        &self,
        name: &str,
        password: &str,
        source: &Source,
    ) -> Result<NewSession, Error> {
        let inner = self.inner();
        let owner = self.compare(name, password, source).await?;
        let now = inner.clock.now();
        let mut transaction = inner.store.write().await?;
        owner.accept(&mut transaction).await?;
        let account = &owner.account;
        let limits = (now, &inner.limits);
        let waits = second_factor::is_there(&mut *transaction, account).await?;
        let session = session::begin(
            &mut transaction,
            account,
            limits,
            Factors::password(&owner, now),
            waits,
        )
        .await?;
        let detail = json!({ "source": source.to_string(), "session": session.id() });
        audit::append(&mut transaction, now, Event::LogIn, account, detail).await?;
        transaction.commit().await?;
        Ok(session)
    }

    /// Begins a new session for somebody who shows the password again, and the second factor where
    /// there is one, and ends the old one: what a `max_age` and `mfa` ask for.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] and [`Error::Throttled`] as at log-in; [`Error::NotAllowed`] for an
    /// identity that is no session of these accounts.
    pub async fn reauthenticate(
        &self,
        identity: &Identity<P>,
        password: &str,
        code: &str,
        source: &Source,
    ) -> Result<NewSession, Error> {
        let inner = self.inner();
        let (account, old) = inner.session(identity)?;
        let name = self.name_of(account).await?;
        let owner = self.compare(&name, password, source).await?;
        let password = Factors::password(&owner, inner.clock.now());
        let (mut transaction, factors) =
            if second_factor::is_there(inner.store.pool(), account).await? {
                let (transaction, code) = self.show_code(account, code, source).await?;
                (transaction, password.and_code(&code))
            } else {
                (inner.store.write().await?, password)
            };
        owner.accept(&mut transaction).await?;
        if !session::end(&mut transaction, account, old).await? {
            return Err(Error::Refused);
        }
        let record = (Event::Reauthenticated, json!({ "ended": old }));
        inner.begin_session(transaction, account, factors, record).await
    }

    /// Changes the password of somebody who knows the present one, ends all their sessions, and
    /// begins a new one (ASVS V7.4.3).
    ///
    /// Where the account has a second factor, the session has to have shown it within the last 15 minutes
    /// ([`reauthenticate`](Self::reauthenticate) shows it again), and the new session says when that was.
    ///
    /// # Errors
    ///
    /// As [`reauthenticate`](Self::reauthenticate), and [`Error::Password`]; [`Error::NotAllowed`] without
    /// the second factor.
    pub async fn change_password(
        &self,
        identity: &Identity<P>,
        present: &str,
        new: &str,
        source: &Source,
    ) -> Result<NewSession, Error> {
        let inner = self.inner();
        let (account, old) = inner.session(identity)?;
        let name = self.name_of(account).await?;
        let new = Password::read(new).ok_or(PasswordFault::TooLong)?;
        let beside = second_factor::is_there(inner.store.pool(), account).await?;
        let needed = if beside { inner.rules.beside } else { inner.rules.alone };
        inner.check_password(&new, needed, &name).await?;
        let mut owner = self.compare(&name, present, source).await?;
        let alone = new.characters() >= inner.rules.alone;
        owner.kept = inner.hasher.hash(new).await?;
        let now = inner.clock.now();
        let mut transaction = inner.store.write().await?;
        owner.accept(&mut transaction).await?;
        let shown = session::require_factors(&mut transaction, account, old, now).await?;
        // The second factor may have been taken away meanwhile.
        let beside = second_factor::is_there(&mut *transaction, account).await?;
        if !alone && !beside {
            return Err(PasswordFault::TooShort { needed: inner.rules.alone }.into());
        }
        let changed = "UPDATE account SET password_changed_at = $2, password_alone = $3 \
                       WHERE id = $1";
        sqlx::query(changed)
            .bind(account)
            .bind(now)
            .bind(i64::from(alone))
            .execute(&mut *transaction)
            .await?;
        let ended = session::end_all(&mut transaction, account).await?;
        // The password alone was shown just now: it renews nothing that two factors began.
        let factors = if beside { shown } else { Factors::password(&owner, now) };
        let record = (Event::PasswordChanged, json!({ "sessions_ended": ended }));
        inner.begin_session(transaction, account, factors, record).await
    }

    /// Ends the session.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] for an identity that is no session of these accounts.
    pub async fn log_out(&self, identity: &Identity<P>) -> Result<(), Error> {
        let (account, session) = self.inner().session(identity)?;
        match self.end(account, session, Event::LogOut).await {
            // Another click has ended it already.
            Err(Error::NotFound { .. }) => Ok(()),
            other => other,
        }
    }

    /// The sessions of somebody who is logged in (ASVS V7.5.2).
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] for an identity that is no session of these accounts.
    pub async fn sessions(&self, identity: &Identity<P>) -> Result<Vec<Session>, Error> {
        let inner = self.inner();
        let (account, _) = inner.session(identity)?;
        let mut transaction = inner.store.read().await?;
        session::list(&mut transaction, account, (inner.clock.now(), &inner.limits)).await
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where it is over, or somebody else's.
    pub async fn end_session(&self, identity: &Identity<P>, id: &str) -> Result<(), Error> {
        let (account, _) = self.inner().session(identity)?;
        self.end(account, id, Event::SessionEnded).await
    }

    /// Ends all sessions of an account, as whoever passed a guard may.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] without such an account.
    pub async fn end_sessions_of<F: Guarded<Policy = P>>(
        &self,
        guard: &Guard<F>,
        name: &str,
    ) -> Result<u64, Error> {
        let inner = self.inner();
        let account = self.id_of(name).await?;
        let mut transaction = inner.store.write().await?;
        let ended = session::end_all(&mut transaction, &account).await?;
        let detail = json!({ "by": guard.subject(), "ended": ended });
        inner.commit_for(transaction, &account, (Event::SessionsEnded, detail)).await?;
        Ok(ended)
    }

    /// Forgets the failed attempts for an account, as whoever passed a guard may: its password
    /// counts again.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] without such an account.
    pub async fn unlock<F: Guarded<Policy = P>>(
        &self,
        guard: &Guard<F>,
        name: &str,
    ) -> Result<(), Error> {
        let inner = self.inner();
        let account = self.id_of(name).await?;
        let mut transaction = inner.store.write().await?;
        let unlocked = sqlx::query("UPDATE account SET failures = 0 WHERE id = $1").bind(&account);
        unlocked.execute(&mut *transaction).await?;
        let detail = json!({ "by": guard.subject() });
        inner.commit_for(transaction, &account, (Event::Unlocked, detail)).await
    }

    /// Shuts an account out, as whoever passed a guard may: nobody logs in, and what is logged in
    /// ends.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] without such an account.
    pub async fn disable<F: Guarded<Policy = P>>(
        &self,
        guard: &Guard<F>,
        name: &str,
    ) -> Result<(), Error> {
        let inner = self.inner();
        let account = self.id_of(name).await?;
        let mut transaction = inner.store.write().await?;
        let disabled = sqlx::query("UPDATE account SET disabled_at = $2 WHERE id = $1");
        disabled.bind(&account).bind(inner.clock.now()).execute(&mut *transaction).await?;
        session::end_all(&mut transaction, &account).await?;
        let detail = json!({ "by": guard.subject() });
        inner.commit_for(transaction, &account, (Event::Disabled, detail)).await
    }

    async fn end(&self, account: &str, id: &str, event: Event) -> Result<(), Error> {
        let inner = self.inner();
        let mut transaction = inner.store.write().await?;
        if !session::end(&mut transaction, account, id).await? {
            return Err(Error::NotFound { what: "session" });
        }
        inner.commit_for(transaction, account, (event, json!({ "session": id }))).await
    }

    /// Compares a password, as often as that is allowed.
    async fn compare(&self, name: &str, password: &str, source: &Source) -> Result<Owner, Error> {
        let inner = self.inner();
        // What can't be a name is nobody's, and is counted like one.
        let name = name::normalized(name).unwrap_or_default();
        let attempt = Attempt::new(source, &name);
        let known = self.charge(&attempt, &name).await?;
        // What is longer than any password is compared with nobody's: it takes no longer.
        let (password, compared) = match (Password::read(password), &known) {
            (Some(password), Some(known)) => (password, known.hash.clone()),
            (Some(password), None) => (password, inner.nobody.clone()),
            (None, _) => (Password::read("").ok_or(Error::Refused)?, inner.nobody.clone()),
        };
        let again = Password::read(password.text()).ok_or(Error::Refused)?;
        let verdict = inner.hasher.verify(password, compared.clone()).await?;
        match (known, verdict) {
            (Some(known), Verdict::Right) => {
                Ok(Owner { account: known.account, attempt, kept: compared.clone(), compared })
            }
            (Some(known), Verdict::Outdated) => {
                let kept = inner.hasher.hash(again).await?;
                Ok(Owner { account: known.account, attempt, kept, compared })
            }
            (known, _) => {
                self.refuse(known.as_ref(), &attempt, source).await?;
                Err(Error::Refused)
            }
        }
    }

    /// Counts an attempt before anything is compared, for source and account.
    async fn charge(&self, attempt: &Attempt, name: &str) -> Result<Option<Known>, Error> {
        let inner = self.inner();
        let mut transaction = inner.store.write().await?;
        attempt.count(&mut transaction, inner.clock.now()).await?;
        let account = "UPDATE account SET failures = failures + 1 WHERE name = $1 \
            AND failures < $2 AND disabled_at IS NULL RETURNING id, password_hash, failures";
        let known = sqlx::query(account)
            .bind(name)
            .bind(HARD_STOP)
            .fetch_optional(&mut *transaction)
            .await?;
        let known = match known {
            Some(row) => Some(Known {
                account: row.try_get(0)?,
                hash: row.try_get(1)?,
                failures: row.try_get(2)?,
            }),
            None => None,
        };
        transaction.commit().await?;
        Ok(known)
    }

    /// Records a failed attempt.
    async fn refuse(
        &self,
        known: Option<&Known>,
        attempt: &Attempt,
        source: &Source,
    ) -> Result<(), Error> {
        let inner = self.inner();
        let now = inner.clock.now();
        let account = known.map_or("", |known| &known.account);
        let mut transaction = inner.store.write().await?;
        attempt.failed(&mut transaction, (now, inner.free_attempts_per_source)).await?;
        // What was typed as a name may have been a password.
        let detail = json!({ "source": source.to_string() });
        audit::append(&mut transaction, now, Event::LogInFailed, account, detail).await?;
        if known.is_some_and(|known| known.failures >= HARD_STOP) {
            let detail = json!({ "failures": HARD_STOP });
            audit::append(&mut transaction, now, Event::Locked, account, detail).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(crate) async fn name_of(&self, account: &str) -> Result<String, Error> {
        let name = sqlx::query("SELECT name FROM account WHERE id = $1").bind(account);
        let name = name.fetch_optional(self.inner().store.pool()).await?;
        Ok(name.ok_or(Error::Refused)?.try_get(0)?)
    }

    pub(crate) async fn id_of(&self, name: &str) -> Result<String, Error> {
        let nobody = Error::NotFound { what: "account" };
        let Ok(name) = name::normalized(name) else { return Err(nobody) };
        let id = sqlx::query("SELECT id FROM account WHERE name = $1").bind(name);
        let id = id.fetch_optional(self.inner().store.pool()).await?;
        Ok(id.ok_or(nobody)?.try_get(0)?)
    }

    /// Ends the session of a cookie, if there is one, without asking who sends it: for a log-in
    /// over an old session.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn end_session_of_cookie(&self, headers: &http::HeaderMap) -> Result<(), Error> {
        let Ok(Some(secret)) = crate::cookie::read(headers) else { return Ok(()) };
        let hash = SecretHash::of(secret);
        let Some(found) = session::find(self.inner().store.pool(), &hash).await? else {
            return Ok(());
        };
        match self.end(&found.account, &found.id, Event::SessionEnded).await {
            Err(Error::NotFound { .. }) => Ok(()),
            other => other,
        }
    }
}

/// An account that an attempt was counted for.
struct Known {
    account: String,
    hash: String,
    /// With this attempt.
    failures: i64,
}

impl Owner {
    /// Takes the attempt off, unless the password was changed meanwhile.
    async fn accept(&self, transaction: &mut Transaction<'static, Any>) -> Result<(), Error> {
        self.attempt.succeeded(transaction).await?;
        let account = "UPDATE account SET failures = 0, password_hash = $3 WHERE id = $1 \
                       AND password_hash = $2 AND disabled_at IS NULL";
        let account = sqlx::query(account)
            .bind(&self.account)
            .bind(&self.compared)
            .bind(&self.kept)
            .execute(&mut **transaction)
            .await?;
        if account.rows_affected() == 0 { Err(Error::Refused) } else { Ok(()) }
    }
}
