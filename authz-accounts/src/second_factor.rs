//! The second factor: one-time codes of an app, and recovery codes for when it is lost.
//!
//! SP 800-63B-4 sections 3.1.2 and 3.1.4, RFC 6238, ASVS V6.5 and V6.6.3:
//!
//! - The seed has 160 random bits. It is shown once, as a picture for the app, and counts only
//!   when a first code has shown that the app has it. Where there is a
//!   [pepper](crate::Builder::pepper), the database has it sealed (AES-256-GCM).
//! - A code is accepted once, by our clock, at most one step of 30 seconds off. Wrong codes make the
//!   source wait as wrong passwords do, and the hundredth in a row makes the app worthless.
//! - There are ten recovery codes of 120 random bits, each good for one time, kept as hashes.
//! - After the password, the session waits for the code: until then it lets nobody past any guard.
//! - A session with both has `amr` = `pwd otp mfa` and `acr` = `aal2`, so that `#[requires(mfa)]`
//!   holds; [`Accounts::reauthenticate`] renews its `auth_time` for `max_age`.

use authz_core::{Guard, Guarded, Identity, Policy};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use http::HeaderMap;
use qrcode::QrCode;
use qrcode::render::svg;
use serde_json::json;
use sqlx::{Any, Row, Transaction};
use zeroize::Zeroizing;

use crate::accounts::{Accounts, Inner};
use crate::audit::{self, Event};
use crate::cookie;
use crate::error::Error;
use crate::factors::Factors;
use crate::secret::{SecretHash, random};
use crate::session::{self, Found, NewSession};
use crate::throttle::{Attempt, HARD_STOP, Source};
use crate::totp;

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;

/// A seed that an app is to learn: shown once.
pub struct Enrolment {
    secret: Zeroizing<String>,
    uri: Zeroizing<String>,
}

impl Enrolment {
    /// The seed in base 32, to be typed where no picture can be taken.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The address that the picture says (`otpauth://totp/…`, as apps read it).
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The picture for the app: a QR code in SVG.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] for a service or a name too long for a picture.
    pub fn svg(&self) -> Result<String, Error> {
        let code = QrCode::new(self.uri.as_bytes()).map_err(Error::unavailable)?;
        let picture = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
        // The picture goes into a page: without the line in front that a file has.
        Ok(picture.find("<svg").and_then(|start| picture.get(start..)).unwrap_or("").to_owned())
    }
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment")
    }
}

/// Recovery codes: shown once.
pub struct RecoveryCodes(Vec<Zeroizing<String>>);

impl RecoveryCodes {
    /// The codes, in groups of four characters.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|code| code.as_str())
    }
}

impl std::fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCodes")
    }
}

/// A code that was right; made where one is accepted alone.
pub(crate) enum CodeShown {
    /// Of the app.
    App(Accepted),
    /// A recovery code.
    Recovery(Accepted),
}

/// Keeps others from making a [`CodeShown`].
pub(crate) struct Accepted(());

/// An attempt at a code that was counted.
struct Charged {
    attempt: Attempt,
    /// Wrong codes in a row, with this attempt.
    failures: i64,
}

impl<P: Policy> Accounts<P> {
    /// Begins to enrol an app for somebody who is logged in: makes a seed, which counts after
    /// [`confirm_app`](Self::confirm_app).
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where there is an app already.
    pub async fn enrol_app(&self, identity: &Identity<P>) -> Result<Enrolment, Error> {
        let inner = self.inner();
        let (account, session) = inner.session(identity)?;
        let name = self.name_of(account).await?;
        let seed = random::<20>()?;
        let sealed = inner.seal(account, &*seed)?;
        let mut transaction = inner.store.write().await?;
        let begun = "INSERT INTO totp (account, seed, confirmed_at, last_step, failures) \
            VALUES ($1, $2, 0, 0, 0) ON CONFLICT (account) DO UPDATE SET seed = $2, failures = 0 \
            WHERE totp.confirmed_at = 0";
        let begun = sqlx::query(begun).bind(account).bind(sealed).execute(&mut *transaction);
        if begun.await?.rows_affected() == 0 {
            return Err(Error::Conflict("there is an app already; remove it first"));
        }
        session::require_factors(&mut transaction, account, session, inner.clock.now()).await?;
        transaction.commit().await?;
        let secret = Zeroizing::new(BASE32_NOPAD.encode(&*seed));
        let (service, name) = (encoded(&inner.service), encoded(&name));
        let uri = Zeroizing::new(format!(
            "otpauth://totp/{service}:{name}?secret={}&issuer={service}",
            *secret
        ));
        Ok(Enrolment { secret, uri })
    }

    /// Makes the app count that has shown a right code. All sessions end; the new one has both
    /// factors.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for a wrong code; [`Error::Throttled`] after too many.
    pub async fn confirm_app(
        &self,
        identity: &Identity<P>,
        code: &str,
        source: &Source,
    ) -> Result<(NewSession, RecoveryCodes), Error> {
        let inner = self.inner();
        let (account, old) = inner.session(identity)?;
        let charged = inner.charge_code(account, source).await?;
        let mut transaction = inner.store.write().await?;
        // Beside the app that is about to count.
        let beside = is_there(&mut *transaction, account).await?;
        let code = match inner.accept_app(&mut transaction, account, code, false).await {
            Ok(code) => code,
            Err(error) => {
                drop(transaction);
                return Err(inner.refuse_code(account, &charged, source, error).await?);
            }
        };
        charged.attempt.succeeded(&mut transaction).await?;
        let codes = replace_codes(&mut transaction, account).await?;
        session::hold_account(&mut transaction, account).await?;
        let held = session::require(&mut transaction, account, old, inner.clock.now()).await?;
        let before = Factors::of_session(&held);
        if beside {
            before.require_second(inner.clock.now())?;
        }
        session::end_all(&mut transaction, account).await?;
        let record = (Event::AppEnrolled, json!({}));
        let factors = before.and_code(&code);
        Ok((inner.begin_session(transaction, account, factors, record).await?, codes))
    }

    /// Shows the second factor of a log-in: a code of the app, or a recovery code. The session of
    /// the cookie in `headers`, which was waiting for it, ends; the new one lets its owner in.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for a wrong code, or where no session waits; [`Error::Throttled`] after too
    /// many.
    pub async fn second_factor(
        &self,
        headers: &HeaderMap,
        code: &str,
        source: &Source,
    ) -> Result<NewSession, Error> {
        let inner = self.inner();
        let waiting = inner.waiting(headers).await?;
        let account = &waiting.account;
        let (mut transaction, code) = self.show_code(account, code, source).await?;
        session::hold_account(&mut transaction, account).await?;
        if !session::end(&mut transaction, account, &waiting.id).await? {
            return Err(Error::Refused);
        }
        let record = (Event::SecondFactor, json!({ "source": source.to_string() }));
        let factors = Factors::of_waiting(&waiting).and_code(&code);
        inner.begin_session(transaction, account, factors, record).await
    }

    /// Takes the app away from somebody who is logged in with both factors; and the recovery codes, where
    /// there is no passkey that they are for.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] without the second factor; [`Error::Conflict`] where the password is too
    /// short to be the only factor: change it first.
    pub async fn remove_app(&self, identity: &Identity<P>) -> Result<(), Error> {
        let inner = self.inner();
        let (account, session) = inner.session(identity)?;
        if !identity.mfa() {
            return Err(Error::NotAllowed("show the second factor before you remove it"));
        }
        let mut transaction = inner.store.write().await?;
        let there = is_there(&mut *transaction, account).await?;
        let codes = "DELETE FROM recovery_code WHERE account = $1 \
                     AND NOT EXISTS (SELECT id FROM passkey WHERE account = $1)";
        sqlx::query(codes).bind(account).execute(&mut *transaction).await?;
        remove_seed(&mut transaction, account).await?;
        session::hold_account(&mut transaction, account).await?;
        require_enough(&mut transaction, account).await?;
        let now = inner.clock.now();
        let held = session::require(&mut transaction, account, session, now).await?;
        if there {
            Factors::of_session(&held).require_second(now)?;
        }
        inner.commit_for(transaction, account, (Event::AppRemoved, json!({}))).await
    }

    /// Takes the app, the passkeys and the recovery codes of an account away, as whoever passed a guard
    /// may, and ends its sessions: for somebody who has lost them.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] without such an account.
    pub async fn reset_second_factor<F: Guarded<Policy = P>>(
        &self,
        guard: &Guard<F>,
        name: &str,
    ) -> Result<(), Error> {
        let inner = self.inner();
        let account = self.id_of(name).await?;
        let mut transaction = inner.store.write().await?;
        let codes = sqlx::query("DELETE FROM recovery_code WHERE account = $1").bind(&account);
        codes.execute(&mut *transaction).await?;
        remove_seed(&mut transaction, &account).await?;
        session::hold_account(&mut transaction, &account).await?;
        let passkeys = sqlx::query("DELETE FROM passkey WHERE account = $1").bind(&account);
        let passkeys = passkeys.execute(&mut *transaction).await?.rows_affected();
        session::end_all(&mut transaction, &account).await?;
        let detail = json!({ "by": guard.subject(), "passkeys": passkeys });
        inner.commit_for(transaction, &account, (Event::SecondFactorReset, detail)).await
    }

    /// Makes new recovery codes in the place of those that are left, for somebody who is logged in
    /// with both factors.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] without the second factor.
    pub async fn new_recovery_codes(&self, identity: &Identity<P>) -> Result<RecoveryCodes, Error> {
        let inner = self.inner();
        let (account, session) = inner.session(identity)?;
        if !identity.mfa() {
            return Err(Error::NotAllowed("show the second factor before you renew it"));
        }
        let mut transaction = inner.store.write().await?;
        let codes = replace_codes(&mut transaction, account).await?;
        let now = inner.clock.now();
        session::require_factors(&mut transaction, account, session, now).await?;
        audit::append(&mut transaction, now, Event::CodesRenewed, account, json!({})).await?;
        transaction.commit().await?;
        Ok(codes)
    }

    /// Whether somebody who is logged in has an app, and how many recovery codes are left.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] for an identity that is no session of these accounts.
    pub async fn second_factor_of(&self, identity: &Identity<P>) -> Result<(bool, i64), Error> {
        let inner = self.inner();
        let (account, _) = inner.session(identity)?;
        let codes = sqlx::query("SELECT COUNT(*) FROM recovery_code WHERE account = $1");
        let codes = codes.bind(account).fetch_one(inner.store.pool()).await?.try_get(0)?;
        let app = sqlx::query("SELECT account FROM totp WHERE account = $1 AND confirmed_at > 0");
        let app = app.bind(account).fetch_optional(inner.store.pool()).await?;
        Ok((app.is_some(), codes))
    }

    /// Counts an attempt at a code and accepts it; what was changed by it is to be committed with
    /// what it was for.
    pub(crate) async fn show_code(
        &self,
        account: &str,
        code: &str,
        source: &Source,
    ) -> Result<(Transaction<'static, Any>, CodeShown), Error> {
        let inner = self.inner();
        let charged = inner.charge_code(account, source).await?;
        let mut transaction = inner.store.write().await?;
        let shown = if let Some(shown) = use_recovery_code(&mut transaction, account, code).await? {
            let now = inner.clock.now();
            audit::append(&mut transaction, now, Event::CodeUsed, account, json!({})).await?;
            shown
        } else {
            match inner.accept_app(&mut transaction, account, code, true).await {
                Ok(shown) => shown,
                Err(error) => {
                    drop(transaction);
                    return Err(inner.refuse_code(account, &charged, source, error).await?);
                }
            }
        };
        charged.attempt.succeeded(&mut transaction).await?;
        Ok((transaction, shown))
    }
}

impl<P: Policy> Inner<P> {
    /// The session of the cookie in `headers`, which waits for the second factor.
    pub(crate) async fn waiting(&self, headers: &HeaderMap) -> Result<Found, Error> {
        let Ok(Some(secret)) = cookie::read(headers) else { return Err(Error::Refused) };
        let found = session::find(self.store.pool(), &SecretHash::of(secret)).await?;
        let now = self.clock.now();
        let waiting = found.filter(|one| one.outstanding && one.is_alive(now, &self.limits));
        waiting.ok_or(Error::Refused)
    }

    /// Counts an attempt before the code is looked at.
    async fn charge_code(&self, account: &str, source: &Source) -> Result<Charged, Error> {
        let attempt = Attempt::new(source, &format!("code of {account}"));
        let mut transaction = self.store.write().await?;
        // The app first, as whoever accepts a code does: two can't wait for each other.
        let app = "UPDATE totp SET failures = failures + 1 WHERE account = $1 RETURNING failures";
        let app = sqlx::query(app).bind(account).fetch_optional(&mut *transaction).await?;
        attempt.count(&mut transaction, self.clock.now()).await?;
        transaction.commit().await?;
        let failures = app.map_or(Ok(0), |app| app.try_get(0))?;
        Ok(Charged { attempt, failures })
    }

    /// Accepts a code of the app, once.
    async fn accept_app(
        &self,
        transaction: &mut Transaction<'static, Any>,
        account: &str,
        code: &str,
        confirmed: bool,
    ) -> Result<CodeShown, Error> {
        // The attempt that is being made is counted already.
        let app = "SELECT seed FROM totp WHERE account = $1 AND failures <= $2 \
                   AND (confirmed_at > 0) = ($3 > 0)";
        let app = sqlx::query(app).bind(account).bind(HARD_STOP).bind(i64::from(confirmed));
        let app = app.fetch_optional(&mut **transaction).await?.ok_or(Error::Refused)?;
        let sealed: String = app.try_get(0)?;
        let seed = self.open(account, &sealed)?;
        let now = self.clock.now();
        let step = totp::step_of(&seed, code, now).ok_or(Error::Refused)?;
        // Of two requests with one code, one finds it used; and another app has another code.
        let accepted = "UPDATE totp SET last_step = $2, failures = 0, confirmed_at = CASE WHEN \
            confirmed_at > 0 THEN confirmed_at ELSE $3 END WHERE account = $1 AND last_step < $2 \
            AND seed = $4";
        let accepted = sqlx::query(accepted).bind(account).bind(step).bind(now).bind(sealed);
        let accepted = accepted.execute(&mut **transaction).await?;
        if accepted.rows_affected() == 0 {
            return Err(Error::Refused);
        }
        Ok(CodeShown::App(Accepted(())))
    }

    /// Records a wrong code.
    async fn refuse_code(
        &self,
        account: &str,
        charged: &Charged,
        source: &Source,
        error: Error,
    ) -> Result<Error, Error> {
        if !matches!(error, Error::Refused) {
            return Ok(error);
        }
        let (now, detail) = (self.clock.now(), json!({ "source": source.to_string() }));
        let mut transaction = self.store.write().await?;
        charged.attempt.failed(&mut transaction, (now, self.free_attempts_per_source)).await?;
        audit::append(&mut transaction, now, Event::CodeFailed, account, detail).await?;
        if charged.failures == HARD_STOP {
            let detail = json!({ "code_failures": HARD_STOP });
            audit::append(&mut transaction, now, Event::Locked, account, detail).await?;
        }
        transaction.commit().await?;
        Ok(error)
    }

    /// A seed as the database has it.
    fn seal(&self, account: &str, seed: &[u8]) -> Result<String, Error> {
        let Some(key) = self.sealing_key()? else {
            return Ok(format!("plain.{}", BASE64URL_NOPAD.encode(seed)));
        };
        let mut sealed = seed.to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(account.as_bytes()), &mut sealed);
        let mut bytes = nonce.map_err(Error::unavailable)?.as_ref().to_vec();
        bytes.append(&mut sealed);
        Ok(format!("sealed.{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// The seed of an account, from what the database has.
    fn open(&self, account: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let broken = || Error::unavailable("a seed in the database can't be read");
        let (form, text) = text.split_once('.').ok_or_else(broken)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| broken())?;
        let mut bytes = Zeroizing::new(bytes);
        if form == "plain" {
            return Ok(bytes);
        }
        let key = self.sealing_key()?.ok_or_else(broken)?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let seed = key.open_in_place(nonce, Aad::from(account.as_bytes()), sealed);
        Ok(Zeroizing::new(seed.map_err(|_| broken())?.to_vec()))
    }

    /// The key for seeds: another one than the pepper itself.
    fn sealing_key(&self) -> Result<Option<RandomizedNonceKey>, Error> {
        let pepper = self.hasher.pepper();
        if pepper.is_empty() {
            return Ok(None);
        }
        let key =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, pepper), b"seeds of one-time codes");
        RandomizedNonceKey::new(&AES_256_GCM, key.as_ref()).map(Some).map_err(Error::unavailable)
    }
}

/// Whether the account has a second factor that counts.
///
/// A passkey does, also where it can't be shown for want of the feature: a program that is built
/// without does not make a password enough.
pub(crate) async fn is_there<'e>(
    executor: impl sqlx::Executor<'e, Database = Any>,
    account: &str,
) -> Result<bool, Error> {
    let there = "SELECT account FROM totp WHERE account = $1 AND confirmed_at > 0 \
                 UNION ALL SELECT account FROM passkey WHERE account = $1";
    Ok(!sqlx::query(there).bind(account).fetch_all(executor).await?.is_empty())
}

/// Refuses to leave an account with a password that is too short to be the only factor.
pub(crate) async fn require_enough(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
) -> Result<(), Error> {
    if is_there(&mut **transaction, account).await? {
        return Ok(());
    }
    let alone = sqlx::query("SELECT password_alone FROM account WHERE id = $1").bind(account);
    let alone = alone.fetch_optional(&mut **transaction).await?.ok_or(Error::Refused)?;
    if alone.try_get::<i64, _>(0)? == 0 {
        return Err(Error::Conflict("the password is too short to be the only factor"));
    }
    Ok(())
}

/// Uses up a recovery code, if it is one.
async fn use_recovery_code(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
    typed: &str,
) -> Result<Option<CodeShown>, Error> {
    let typed: String = typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    let hash = SecretHash::of(&typed.to_ascii_lowercase()).text();
    let used = sqlx::query("DELETE FROM recovery_code WHERE hash = $1 AND account = $2");
    let used = used.bind(hash).bind(account).execute(&mut **transaction).await?;
    if used.rows_affected() > 0 {
        // The app may be lost, and its failures somebody else's.
        let reset = sqlx::query("UPDATE totp SET failures = 0 WHERE account = $1").bind(account);
        reset.execute(&mut **transaction).await?;
    }
    Ok((used.rows_affected() > 0).then_some(CodeShown::Recovery(Accepted(()))))
}

pub(crate) async fn replace_codes(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
) -> Result<RecoveryCodes, Error> {
    let old = sqlx::query("DELETE FROM recovery_code WHERE account = $1").bind(account);
    old.execute(&mut **transaction).await?;
    let mut codes = Vec::new();
    for _ in 0..RECOVERY_CODES {
        let code = Zeroizing::new(BASE32_NOPAD.encode(&*random::<15>()?).to_ascii_lowercase());
        sqlx::query("INSERT INTO recovery_code (hash, account) VALUES ($1, $2)")
            .bind(SecretHash::of(&code).text())
            .bind(account)
            .execute(&mut **transaction)
            .await?;
        let mut grouped = Zeroizing::new(String::new());
        for (position, character) in code.chars().enumerate() {
            if position > 0 && position % 4 == 0 {
                grouped.push('-');
            }
            grouped.push(character);
        }
        codes.push(grouped);
    }
    Ok(RecoveryCodes(codes))
}

async fn remove_seed(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
) -> Result<(), Error> {
    let seed = sqlx::query("DELETE FROM totp WHERE account = $1").bind(account);
    seed.execute(&mut **transaction).await?;
    Ok(())
}

/// Percent-encoded for an address (RFC 3986 section 2.3).
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
        }
    }
    encoded
}
