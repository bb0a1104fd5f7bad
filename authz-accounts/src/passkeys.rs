//! Passkeys: a key on a device of its owner, which signs for this site alone after the device has made
//! sure who holds it. Behind the feature `passkeys`.
//!
//! Web Authentication Level 3 sections 7.1 and 7.2 by `webauthn-rs`; SP 800-63B-4 sections 3.1.7 and
//! 3.2.5 (what signs for one site can't be phished), ASVS V6.3.3, V6.5.7 and V6.7.2:
//!
//! - A passkey is the second factor beside a password, or both factors by itself: the authenticator
//!   has to have verified its user (by a PIN, a finger, a face), each time, or the answer is refused.
//! - A challenge has 256 random bits, is kept here and not at the client, is good for five minutes,
//!   for one answer, right or wrong, and for what it was asked for: registration, log-in, second
//!   factor or re-authentication; the last three belong to one session.
//! - A counter that does not grow is refused and on record (`passkey_failed`, reason `counter`): the
//!   key may have been copied (section 6.1.1). Keys that are synchronised have none.
//! - An RSA key that can be broken, as those of ROCA (CVE-2017-15361), is refused.
//! - Which device it is, is not asked (attestation `none`): any may come that verifies its user.
//! - A log-in needs no name, so it tells nobody whose name is known. Passkeys are discoverable
//!   credentials therefore.
//! - Sessions have `amr` = `pop user mfa` (RFC 8176: a key was proved, somebody was there), behind a
//!   password `pwd pop user mfa`, and `acr` = `aal2`. Whether the key is in hardware is not known.
//! - The first second factor brings recovery codes; adding and removing a passkey ends all other
//!   sessions (ASVS V7.4.3).
//!
//! The hundredth wrong password does not touch passkeys: their owner still gets in.
//!
//! Absent on purpose: accounts without a password, and attestation. What a challenge says, and what the
//! authenticator answers, is JSON of the browser's own (`parseCreationOptionsFromJSON`,
//! `parseRequestOptionsFromJSON`, `toJSON`).

use authz_core::token::{Algorithm, KeySet};
use authz_core::{Identity, Policy};
use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Any, Row, Transaction};
use webauthn_rs::Webauthn;
use webauthn_rs::prelude::{
    AuthenticationResult, COSEKey, COSEKeyType, DiscoverableAuthentication, Passkey as Credential,
    PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    Url, Uuid, WebauthnError,
};

use crate::accounts::{Accounts, Inner};
use crate::audit::{self, Event};
use crate::error::Error;
use crate::factors::{Factors, PasskeyShown};
use crate::second_factor::{self, RecoveryCodes};
use crate::secret::{SecretHash, is_id, random_id};
use crate::session::{self, NewSession};
use crate::throttle::Source;

/// How long a challenge is good for, in seconds.
const WAITING: i64 = 300;
/// As many challenges for a log-in may be out for one source.
const OUT_FOR_A_SOURCE: i64 = 100;
/// The most passkeys of an account.
const PASSKEYS: usize = 20;
/// The most characters of a label.
const LABEL: usize = 100;

/// A passkey as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Passkey {
    /// Its name, to remove it by.
    pub id: String,
    /// What its owner calls it.
    pub label: String,
    /// When it was registered, in seconds since 1970.
    pub created_at: i64,
    /// When it was last used, in seconds since 1970; 0 if never.
    pub last_used_at: i64,
}

/// What a challenge is for.
#[derive(Clone, Copy)]
enum Purpose {
    Register,
    LogIn,
    SecondFactor,
    Reauthenticate,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::LogIn => "log_in",
            Self::SecondFactor => "second_factor",
            Self::Reauthenticate => "reauthenticate",
        }
    }
}

/// A passkey in the database.
struct Kept {
    id: String,
    account: String,
    /// The text of `credential`.
    record: String,
    credential: Credential,
}

/// The relying party of section 4 of the specification: a domain, and the pages that may ask.
pub(crate) fn relying_party(
    (domain, origin): &(String, String),
    service: &str,
) -> Result<Webauthn, Error> {
    let wrong = || {
        Error::NotAllowed(
            "passkeys need the origin of the pages, such as `https://shop.example`, and its domain",
        )
    };
    let origin = Url::parse(origin).map_err(|_| wrong())?;
    // Browsers ask for passkeys over TLS alone, and on the machine of a developer.
    if origin.scheme() != "https" && origin.domain() != Some("localhost") {
        return Err(wrong());
    }
    let builder = webauthn_rs::WebauthnBuilder::new(domain, &origin).map_err(|_| wrong())?;
    builder.rp_name(service).build().map_err(|_| wrong())
}

/// Refuses an RSA key that would be refused as the key of an issuer. Those of ROCA (CVE-2017-15361) are
/// made by security chips, as they are behind passkeys.
fn require_strong(key: &COSEKey) -> Result<(), Error> {
    let COSEKeyType::RSA(key) = &key.key else {
        return Ok(());
    };
    let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let key = json!({ "kty": "RSA", "n": text(&key.n), "e": text(&key.e) }).to_string();
    KeySet::from_jwks(&key, &[Algorithm::Rs256]).map(|_| ()).map_err(|_| Error::Refused)
}

impl<P: Policy> Accounts<P> {
    /// Begins to register a passkey for somebody who is logged in: the options for
    /// `navigator.credentials.create`.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] for an identity that is no session of these accounts;
    /// [`Error::Conflict`] where there are twenty already.
    pub async fn begin_passkey(&self, identity: &Identity<P>) -> Result<Value, Error> {
        let inner = self.inner();
        let (account, session) = inner.session(identity)?;
        let name = self.name_of(account).await?;
        let there = inner.passkeys_of(account).await?;
        if there.len() >= PASSKEYS {
            return Err(Error::Conflict("there are twenty passkeys already; remove one first"));
        }
        let there = there.iter().map(|kept| kept.credential.cred_id().clone()).collect();
        let (options, state) = inner
            .webauthn()?
            .start_passkey_registration(handle(account)?, &name, &name, Some(there))
            .map_err(Error::unavailable)?;
        let challenge = options.public_key.challenge.clone();
        let mut options = serde_json::to_value(options).map_err(Error::unavailable)?;
        // A log-in without a name needs a key that the authenticator finds by the site.
        let wanted = options.pointer_mut("/publicKey/authenticatorSelection");
        if let Some(wanted) = wanted.and_then(Value::as_object_mut) {
            wanted.insert(String::from("residentKey"), "required".into());
            wanted.insert(String::from("requireResidentKey"), true.into());
        }
        inner.keep_challenge(Purpose::Register, session, &challenge, &state).await?;
        Ok(options)
    }

    /// Registers the passkey that answers [`begin_passkey`](Self::begin_passkey), ends all sessions
    /// and begins a new one. With the first second factor of an account come recovery codes.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for what is no right answer to a challenge of this session, and for an RSA key
    /// that can be broken; [`Error::Conflict`] for a passkey that is registered.
    pub async fn add_passkey(
        &self,
        identity: &Identity<P>,
        label: &str,
        answer: &Value,
    ) -> Result<(NewSession, Option<RecoveryCodes>), Error> {
        let inner = self.inner();
        let (account, session) = inner.session(identity)?;
        let shown: RegisterPublicKeyCredential = read(answer)?;
        let asked = (Purpose::Register, session);
        let state = inner.take_challenge(asked, &shown.response.client_data_json).await?;
        let state: PasskeyRegistration = state;
        let credential = inner.webauthn()?.finish_passkey_registration(&shown, &state);
        let credential = credential.map_err(|_| Error::Refused)?;
        require_strong(credential.get_public_key())?;
        let now = inner.clock.now();
        let mut transaction = inner.store.write().await?;
        session::hold_account(&mut transaction, account).await?;
        let before = session::require_factors(&mut transaction, account, session, now).await?;
        let first = !second_factor::is_there(&mut *transaction, account).await?;
        let id = random_id()?;
        let label: String = label.chars().filter(|one| !one.is_control()).take(LABEL).collect();
        let added = "INSERT INTO passkey (credential, id, account, label, record, created_at, \
                     last_used_at) VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING";
        let added = sqlx::query(added)
            .bind(BASE64URL_NOPAD.encode(credential.cred_id()))
            .bind(&id)
            .bind(account)
            .bind(label)
            .bind(serde_json::to_string(&credential).map_err(Error::unavailable)?)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        if added.rows_affected() == 0 {
            return Err(Error::Conflict("this passkey is registered already"));
        }
        let codes = if first {
            Some(second_factor::replace_codes(&mut transaction, account).await?)
        } else {
            None
        };
        session::end_all(&mut transaction, account).await?;
        let record = (Event::PasskeyAdded, json!({ "passkey": id }));
        let shown = PasskeyShown::accepted(&credential);
        let factors = if before.are_two() { before } else { before.and_passkey(&shown) };
        Ok((inner.begin_session(transaction, account, factors, record).await?, codes))
    }

    /// The passkeys of somebody who is logged in, the oldest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] for an identity that is no session of these accounts.
    pub async fn passkeys(&self, identity: &Identity<P>) -> Result<Vec<Passkey>, Error> {
        let inner = self.inner();
        let (account, _) = inner.session(identity)?;
        let passkeys = "SELECT id, label, created_at, last_used_at FROM passkey \
                        WHERE account = $1 ORDER BY created_at, id";
        let passkeys = sqlx::query(passkeys).bind(account).fetch_all(inner.store.pool()).await?;
        let passkey = |row: &sqlx::any::AnyRow| {
            Ok(Passkey {
                id: row.try_get(0)?,
                label: row.try_get(1)?,
                created_at: row.try_get(2)?,
                last_used_at: row.try_get(3)?,
            })
        };
        passkeys.iter().map(passkey).collect()
    }

    /// Removes a passkey of somebody who is logged in with both factors, ends all sessions, among them
    /// those that it began, and begins a new one. With the last second factor go the recovery codes.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] without the second factor; [`Error::NotFound`] where it is gone, or
    /// somebody else's; [`Error::Conflict`] where the password is too short to be the only factor:
    /// change it first.
    pub async fn remove_passkey(
        &self,
        identity: &Identity<P>,
        id: &str,
    ) -> Result<NewSession, Error> {
        let inner = self.inner();
        let (account, session) = inner.session(identity)?;
        if !identity.mfa() {
            return Err(Error::NotAllowed("show the second factor before you remove it"));
        }
        if !is_id(id) {
            return Err(Error::NotFound { what: "passkey" });
        }
        let mut transaction = inner.store.write().await?;
        // Recovery codes before the account, as whoever uses one does: two can't wait for each other.
        let codes = "DELETE FROM recovery_code WHERE account = $1 AND NOT EXISTS (SELECT id FROM \
            passkey WHERE account = $1 AND id <> $2) AND NOT EXISTS (SELECT account FROM totp \
            WHERE account = $1 AND confirmed_at > 0)";
        sqlx::query(codes).bind(account).bind(id).execute(&mut *transaction).await?;
        session::hold_account(&mut transaction, account).await?;
        let removed = sqlx::query("DELETE FROM passkey WHERE id = $1 AND account = $2").bind(id);
        let removed = removed.bind(account).execute(&mut *transaction).await?;
        if removed.rows_affected() == 0 {
            return Err(Error::NotFound { what: "passkey" });
        }
        second_factor::require_enough(&mut transaction, account).await?;
        let now = inner.clock.now();
        let held = session::require(&mut transaction, account, session, now).await?;
        let factors = Factors::of_session(&held);
        // The one that is removed counted until now.
        factors.require_second(now)?;
        session::end_all(&mut transaction, account).await?;
        let record = (Event::PasskeyRemoved, json!({ "passkey": id }));
        inner.begin_session(transaction, account, factors, record).await
    }

    /// Begins a log-in with a passkey, of whoever has one: the options for
    /// `navigator.credentials.get`.
    ///
    /// # Errors
    ///
    /// [`Error::Throttled`] where this source has a hundred of them out.
    pub async fn begin_passkey_log_in(&self, source: &Source) -> Result<Value, Error> {
        let inner = self.inner();
        let started = inner.webauthn()?.start_discoverable_authentication();
        let (mut options, state) = started.map_err(Error::unavailable)?;
        // Whether the browser asks in a window or in the field of the name is the page's choice.
        options.mediation = None;
        inner.keep_challenge_of(source, &options.public_key.challenge, &state).await?;
        serde_json::to_value(options).map_err(Error::unavailable)
    }

    /// Begins a session for whoever answers [`begin_passkey_log_in`](Self::begin_passkey_log_in):
    /// both factors in one.
    ///
    /// Everything that is wrong has the same answer: no such passkey, a signature that is not its, an
    /// account that is disabled.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`].
    pub async fn passkey_log_in(
        &self,
        answer: &Value,
        source: &Source,
    ) -> Result<NewSession, Error> {
        let inner = self.inner();
        let shown: PublicKeyCredential = read(answer)?;
        let asked = (Purpose::LogIn, "");
        let state = inner.take_challenge(asked, &shown.response.client_data_json).await?;
        let state: DiscoverableAuthentication = state;
        // Section 7.2 step 6: nobody has said who it is, so the authenticator has to.
        let kept = match shown.get_user_unique_id() {
            Some(_) => inner.passkey_shown(&shown).await?,
            None => None,
        };
        let Some(kept) = kept else {
            return Err(inner.refuse_passkey("", source, None).await?);
        };
        let key = &kept.credential;
        let checked = inner.webauthn()?.finish_discoverable_authentication_v2(&shown, state, key);
        let (transaction, key) = inner.accept_passkey(&kept, checked, source).await?;
        let record = (Event::LogIn, json!({ "source": source.to_string(), "passkey": kept.id }));
        let factors = Factors::passkey(&key, inner.clock.now());
        inner.begin_session(transaction, &kept.account, factors, record).await
    }

    /// Begins to show a passkey as the second factor of a log-in: the options for
    /// `navigator.credentials.get`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] where no session waits; [`Error::NotFound`] without a passkey.
    pub async fn begin_passkey_second_factor(&self, headers: &HeaderMap) -> Result<Value, Error> {
        let waiting = self.inner().waiting(headers).await?;
        self.inner().ask(Purpose::SecondFactor, &waiting.account, &waiting.id).await
    }

    /// Shows a passkey as the second factor of a log-in, as [`second_factor`](Self::second_factor)
    /// shows a code.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for what is no right answer, or where no session waits.
    pub async fn passkey_second_factor(
        &self,
        headers: &HeaderMap,
        answer: &Value,
        source: &Source,
    ) -> Result<NewSession, Error> {
        let inner = self.inner();
        let waiting = inner.waiting(headers).await?;
        let owner = (&*waiting.account, &*waiting.id);
        let answered = inner.answered(Purpose::SecondFactor, owner, answer, source).await?;
        let (transaction, key, id) = answered;
        let detail = json!({ "source": source.to_string(), "passkey": id });
        let factors = Factors::of_waiting(&waiting).and_passkey(&key);
        inner.replace(transaction, owner, factors, (Event::SecondFactor, detail)).await
    }

    /// Begins to show a passkey again: the options for `navigator.credentials.get`.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] for an identity that is no session of these accounts;
    /// [`Error::NotFound`] without a passkey.
    pub async fn begin_passkey_reauthentication(
        &self,
        identity: &Identity<P>,
    ) -> Result<Value, Error> {
        let (account, session) = self.inner().session(identity)?;
        self.inner().ask(Purpose::Reauthenticate, account, session).await
    }

    /// Begins a new session for somebody who shows a passkey again, and ends the old one: both factors
    /// are fresh, as a `max_age` and `mfa` ask for.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for what is no right answer to a challenge of this session.
    pub async fn reauthenticate_with_passkey(
        &self,
        identity: &Identity<P>,
        answer: &Value,
        source: &Source,
    ) -> Result<NewSession, Error> {
        let inner = self.inner();
        let owner = inner.session(identity)?;
        let answered = inner.answered(Purpose::Reauthenticate, owner, answer, source).await?;
        let (transaction, key, id) = answered;
        let detail = json!({ "ended": owner.1, "passkey": id });
        let factors = Factors::passkey(&key, inner.clock.now());
        inner.replace(transaction, owner, factors, (Event::Reauthenticated, detail)).await
    }
}

impl<P: Policy> Inner<P> {
    fn webauthn(&self) -> Result<&Webauthn, Error> {
        let missing = "nobody says whose passkeys are; call `Builder::passkeys`";
        self.webauthn.as_ref().ok_or_else(|| Error::unavailable(missing))
    }

    /// Asks the owner of a session for one of their passkeys.
    async fn ask(&self, purpose: Purpose, account: &str, session: &str) -> Result<Value, Error> {
        let there = self.passkeys_of(account).await?;
        if there.is_empty() {
            return Err(Error::NotFound { what: "passkey" });
        }
        let there: Vec<_> = there.into_iter().map(|kept| kept.credential).collect();
        let started = self.webauthn()?.start_passkey_authentication(&there);
        let (options, state) = started.map_err(Error::unavailable)?;
        self.keep_challenge(purpose, session, &options.public_key.challenge, &state).await?;
        serde_json::to_value(options).map_err(Error::unavailable)
    }

    /// Looks at the answer to [`ask`](Self::ask). What it changed is to be committed with what it was
    /// for; and the passkey that it was.
    async fn answered(
        &self,
        purpose: Purpose,
        (account, session): (&str, &str),
        answer: &Value,
        source: &Source,
    ) -> Result<(Transaction<'static, Any>, PasskeyShown, String), Error> {
        let shown: PublicKeyCredential = read(answer)?;
        let asked = (purpose, session);
        let state = self.take_challenge(asked, &shown.response.client_data_json).await?;
        let state: PasskeyAuthentication = state;
        let kept = self.passkey_shown(&shown).await?.filter(|kept| kept.account == account);
        let Some(kept) = kept else {
            return Err(self.refuse_passkey(account, source, None).await?);
        };
        let checked = self.webauthn()?.finish_passkey_authentication(&shown, &state);
        let (transaction, key) = self.accept_passkey(&kept, checked, source).await?;
        Ok((transaction, key, kept.id))
    }

    /// Ends a session and begins another in its place.
    async fn replace(
        &self,
        mut transaction: Transaction<'static, Any>,
        (account, session): (&str, &str),
        factors: Factors,
        record: (Event, Value),
    ) -> Result<NewSession, Error> {
        if !session::end(&mut transaction, account, session).await? {
            return Err(Error::Refused);
        }
        self.begin_session(transaction, account, factors, record).await
    }

    /// Keeps a challenge for a session, in the place of the one before.
    async fn keep_challenge(
        &self,
        purpose: Purpose,
        session: &str,
        challenge: &[u8],
        state: &impl Serialize,
    ) -> Result<(), Error> {
        let mut transaction = self.store.write().await?;
        sqlx::query("DELETE FROM challenge WHERE session = $1 AND purpose = $2")
            .bind(session)
            .bind(purpose.word())
            .execute(&mut *transaction)
            .await?;
        self.insert_challenge(&mut transaction, (purpose, session, ""), challenge, state).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Keeps a challenge for whoever has a passkey; a source has a bounded number of them.
    async fn keep_challenge_of(
        &self,
        source: &Source,
        challenge: &[u8],
        state: &impl Serialize,
    ) -> Result<(), Error> {
        let source = SecretHash::of(&source.to_string()).text();
        let now = self.clock.now();
        let mut transaction = self.store.write().await?;
        let out = "SELECT COUNT(*), COALESCE(MIN(expires_at), 0) FROM challenge \
                   WHERE source = $1 AND expires_at > $2";
        let out = sqlx::query(out).bind(&source).bind(now).fetch_one(&mut *transaction).await?;
        let (out, first): (i64, i64) = (out.try_get(0)?, out.try_get(1)?);
        if out >= OUT_FOR_A_SOURCE {
            return Err(crate::throttle::wait_until(first, now));
        }
        let asked = (Purpose::LogIn, "", &*source);
        self.insert_challenge(&mut transaction, asked, challenge, state).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn insert_challenge(
        &self,
        transaction: &mut Transaction<'static, Any>,
        (purpose, session, source): (Purpose, &str, &str),
        challenge: &[u8],
        state: &impl Serialize,
    ) -> Result<(), Error> {
        let kept = "INSERT INTO challenge (hash, purpose, session, source, state, expires_at) \
                    VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(kept)
            .bind(SecretHash::of(&BASE64URL_NOPAD.encode(challenge)).text())
            .bind(purpose.word())
            .bind(session)
            .bind(source)
            .bind(serde_json::to_string(state).map_err(Error::unavailable)?)
            .bind(self.clock.now().saturating_add(WAITING))
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }

    /// The state of the challenge that an answer names, once: it is gone before the answer is looked at.
    async fn take_challenge<State: DeserializeOwned>(
        &self,
        (purpose, session): (Purpose, &str),
        client_data: &[u8],
    ) -> Result<State, Error> {
        /// What of the client's data (section 5.8.1) names the challenge. The rest is looked at later.
        #[derive(Deserialize)]
        struct ClientData {
            challenge: String,
        }

        let client: ClientData = serde_json::from_slice(client_data).map_err(|_| Error::Refused)?;
        let taken = "DELETE FROM challenge WHERE hash = $1 AND purpose = $2 AND session = $3 \
                     AND expires_at > $4 RETURNING state";
        let mut transaction = self.store.write().await?;
        let taken = sqlx::query(taken)
            .bind(SecretHash::of(&client.challenge).text())
            .bind(purpose.word())
            .bind(session)
            .bind(self.clock.now())
            .fetch_optional(&mut *transaction)
            .await?;
        let state: String = taken.ok_or(Error::Refused)?.try_get(0)?;
        transaction.commit().await?;
        serde_json::from_str(&state).map_err(Error::unavailable)
    }

    async fn passkeys_of(&self, account: &str) -> Result<Vec<Kept>, Error> {
        let there = "SELECT id, account, record FROM passkey WHERE account = $1";
        let there = sqlx::query(there).bind(account).fetch_all(self.store.pool()).await?;
        there.iter().map(kept).collect()
    }

    /// The passkey that an answer says it is, of an account that is not shut out. Where the answer
    /// names an account too, it is that one's.
    async fn passkey_shown(&self, shown: &PublicKeyCredential) -> Result<Option<Kept>, Error> {
        let there = "SELECT passkey.id, passkey.account, passkey.record FROM passkey JOIN account \
            ON account.id = passkey.account AND account.disabled_at IS NULL \
            WHERE passkey.credential = $1";
        let there = sqlx::query(there).bind(BASE64URL_NOPAD.encode(shown.get_credential_id()));
        let there = there.fetch_optional(self.store.pool()).await?;
        let Some(there) = there.as_ref().map(kept).transpose()? else { return Ok(None) };
        let named = shown.get_user_unique_id().map(|handle| BASE64URL_NOPAD.encode(handle));
        Ok(named.is_none_or(|account| account == there.account).then_some(there))
    }

    /// Notes that a passkey was used, in a transaction that holds its account, or puts on record why
    /// not.
    async fn accept_passkey(
        &self,
        kept: &Kept,
        checked: Result<AuthenticationResult, WebauthnError>,
        source: &Source,
    ) -> Result<(Transaction<'static, Any>, PasskeyShown), Error> {
        let used = match checked {
            Ok(used) => used,
            Err(error) => {
                return Err(self.refuse_passkey(&kept.account, source, Some(&error)).await?);
            }
        };
        let mut credential = kept.credential.clone();
        credential.update_credential(&used);
        let record = serde_json::to_string(&credential).map_err(Error::unavailable)?;
        let mut transaction = self.store.write().await?;
        session::hold_account(&mut transaction, &kept.account).await?;
        // Of two uses of one counter, one finds it used.
        let noted = "UPDATE passkey SET record = $3, last_used_at = $4 WHERE id = $1 \
            AND record = $2 AND account IN (SELECT id FROM account WHERE disabled_at IS NULL)";
        let noted = sqlx::query(noted)
            .bind(&kept.id)
            .bind(&kept.record)
            .bind(record)
            .bind(self.clock.now())
            .execute(&mut *transaction)
            .await?;
        if noted.rows_affected() == 0 {
            return Err(Error::Refused);
        }
        Ok((transaction, PasskeyShown::accepted(&used)))
    }

    /// Records an answer that was not right.
    async fn refuse_passkey(
        &self,
        account: &str,
        source: &Source,
        error: Option<&WebauthnError>,
    ) -> Result<Error, Error> {
        let reason = match error {
            None => "unknown",
            Some(WebauthnError::CredentialPossibleCompromise) => "counter",
            Some(_) => "wrong",
        };
        let detail = json!({ "source": source.to_string(), "reason": reason });
        let mut transaction = self.store.write().await?;
        let now = self.clock.now();
        audit::append(&mut transaction, now, Event::PasskeyFailed, account, detail).await?;
        transaction.commit().await?;
        Ok(Error::Refused)
    }
}

fn kept(row: &sqlx::any::AnyRow) -> Result<Kept, Error> {
    let record: String = row.try_get(2)?;
    let credential = serde_json::from_str(&record).map_err(Error::unavailable)?;
    Ok(Kept { id: row.try_get(0)?, account: row.try_get(1)?, record, credential })
}

/// What an authenticator answered. What can't be an answer is no right one.
fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, Error> {
    T::deserialize(answer).map_err(|_| Error::Refused)
}

/// The account as authenticators know it: its id, which says nothing about anybody.
fn handle(account: &str) -> Result<Uuid, Error> {
    let bytes = BASE64URL_NOPAD.decode(account.as_bytes()).map_err(Error::unavailable)?;
    Uuid::from_slice(&bytes).map_err(Error::unavailable)
}

/// Deletes challenges that nobody answered.
pub(crate) async fn forget(
    transaction: &mut Transaction<'static, Any>,
    now: i64,
) -> Result<(), Error> {
    sqlx::query("DELETE FROM challenge WHERE expires_at <= $1")
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
