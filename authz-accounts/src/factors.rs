//! The factors that a session claims: which were shown, and when the earliest of them was.
//!
//! INVARIANT: factors come from what this request verified, or from a session that was verified before; then
//! with the time and the end of that session. So `amr`, `acr` and `auth_time` of a session never say more, nor
//! anything later, than what was shown (OpenID Connect Core section 2, RFC 8176; ASVS V7.2.4, V7.5.3).
//! Absent on purpose: a constructor from words. The arguments are proofs that only a verified factor makes.

use crate::error::Error;
use crate::log_in::Owner;
use crate::second_factor::CodeShown;
use crate::session::{Found, Held};

/// How long after its log-in a session still vouches for a second factor where factors, the password or keys
/// are changed, in seconds.
pub(crate) const RECENT: i64 = 15 * 60;

/// Verified factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each factor was shown or was not")]
pub(crate) struct Factors {
    password: bool,
    app: bool,
    recovery: bool,
    passkey: bool,
    /// When the earliest of them was shown, in seconds since 1970.
    since: i64,
    /// When the log-in that they are of ends, in seconds since 1970; `None` for a new one.
    ends: Option<i64>,
}

/// Proof that an authenticator signed a challenge of ours.
#[cfg(feature = "passkeys")]
#[derive(Debug)]
pub(crate) struct PasskeyShown(());

#[cfg(feature = "passkeys")]
impl PasskeyShown {
    /// INVARIANT: called where `webauthn-rs` has accepted the answer.
    pub(crate) fn accepted(_: &impl Accepted) -> Self {
        Self(())
    }
}

/// What `webauthn-rs` returns of an answer that it accepted.
#[cfg(feature = "passkeys")]
pub(crate) trait Accepted {}

#[cfg(feature = "passkeys")]
impl Accepted for webauthn_rs::prelude::AuthenticationResult {}

#[cfg(feature = "passkeys")]
impl Accepted for webauthn_rs::prelude::Passkey {}

impl Factors {
    const fn none(since: i64) -> Self {
        Self { password: false, app: false, recovery: false, passkey: false, since, ends: None }
    }

    /// A password that was right just now.
    pub(crate) fn password(_: &Owner, now: i64) -> Self {
        Self { password: true, ..Self::none(now) }
    }

    /// A passkey that signed just now.
    #[cfg(feature = "passkeys")]
    pub(crate) fn passkey(_: &PasskeyShown, now: i64) -> Self {
        Self { passkey: true, ..Self::none(now) }
    }

    /// The first factor of a session that waits for the second.
    pub(crate) fn of_waiting(found: &Found) -> Self {
        Self::read(&found.methods, found.authenticated_at)
    }

    /// Those of a session that a new one continues: with its time, and until its end.
    pub(crate) fn of_session(held: &Held) -> Self {
        Self { ends: Some(held.expires_at), ..Self::read(&held.methods, held.authenticated_at) }
    }

    /// And a code beside.
    pub(crate) fn and_code(self, code: &CodeShown) -> Self {
        match code {
            CodeShown::App(_) => Self { app: true, ..self },
            CodeShown::Recovery(_) => Self { recovery: true, ..self },
        }
    }

    /// And a passkey beside.
    #[cfg(feature = "passkeys")]
    pub(crate) fn and_passkey(self, _: &PasskeyShown) -> Self {
        Self { passkey: true, ..self }
    }

    /// Whether there are two of different kinds; a passkey is two by itself, since its authenticator has
    /// verified its user.
    pub(crate) fn are_two(self) -> bool {
        self.passkey || self.password && (self.app || self.recovery)
    }

    /// When the earliest was shown, in seconds since 1970.
    pub(crate) fn since(self) -> i64 {
        self.since
    }

    /// When the session ends at the latest, in seconds since 1970, where a log-in lasts so long.
    pub(crate) fn end(self, lasting: i64) -> i64 {
        self.ends.unwrap_or_else(|| self.since.saturating_add(lasting))
    }

    /// The methods of RFC 8176, as a session keeps them.
    pub(crate) fn methods(self) -> String {
        let words = [
            (self.password, "pwd"),
            (self.app, "otp"),
            (self.recovery, "recovery"),
            (self.passkey, "pop user"),
            (self.are_two(), "mfa"),
        ];
        let words: Vec<_> =
            words.into_iter().filter_map(|(has, word)| has.then_some(word)).collect();
        words.join(" ")
    }

    fn read(methods: &str, since: i64) -> Self {
        let has = |word| methods.split(' ').any(|method| method == word);
        Self {
            password: has("pwd"),
            app: has("otp"),
            recovery: has("recovery"),
            passkey: has("pop"),
            ..Self::none(since)
        }
    }

    /// Refuses a change of what logs somebody in to a session that has not shown the second factor of the
    /// account, or not lately.
    pub(crate) fn require_second(self, now: i64) -> Result<(), Error> {
        if !self.are_two() {
            return Err(Error::NotAllowed("show the second factor first: log in again with it"));
        }
        if now.saturating_sub(self.since) > RECENT {
            return Err(Error::NotAllowed(
                "the log-in is too old for this; show both factors again",
            ));
        }
        Ok(())
    }
}
