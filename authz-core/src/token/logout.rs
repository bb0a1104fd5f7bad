//! Logout tokens: OpenID Connect Back-Channel Logout 1.0.
//!
//! The issuer posts one when a session ends or a user is logged out everywhere. It is verified with
//! the keys of the issuer and by rules of its own, since it must never pass as an access token nor
//! the other way round.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use papaya::HashMap;

use crate::policy::Policy;

use super::claims::unverified_issuer;
use super::compact::Compact;
use super::config_error::ConfigError;
use super::error::{JsonFault, Part, TokenError};
use super::header::{Header, HeaderBuffer, TokenType};
use super::issuer::TypeRule;
use super::json::{self, Text, Value};
use super::keys::Refusal;
use super::revocation::{Revocation, RevocationError, Revocations};
use super::verifier::{Trusted, Verifier};

/// The member of `events` that makes it a logout token (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The most ids of logout tokens that are remembered.
const SEEN_LIMIT: usize = 100_000;

/// Receives the logout tokens of the issuers of a verifier, and revokes what they say.
///
/// - With `sid` and no `sub`: the session.
/// - With `sub` and no `sid`: every token of the subject that was issued up to the logout.
/// - With both: the session, and the subject's tokens up to then that don't name their session,
///   since any of them could belong to it.
///
/// With the feature `axum`, [`back_channel_logout`](crate::axum::back_channel_logout) makes an
/// endpoint of it.
pub struct BackChannelLogout<P: Policy> {
    verifier: Verifier<P>,
    revocations: Revocations,
    client_ids: Vec<Box<str>>,
    /// Ids that were seen, by issuer, until they expire: seconds since 1970.
    seen: HashMap<(Box<str>, Box<str>), u64>,
}

/// Why a logout token was not acted on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutError {
    /// It is not to be trusted: 400.
    #[error("the logout token is refused: {0}")]
    Token(#[from] TokenError),
    /// It has no `events` with the event of a logout.
    #[error("the claim `events` has no back-channel logout")]
    NoLogoutEvent,
    /// It has a `nonce`, which only ID tokens have (section 2.4).
    #[error("the claim `nonce` shows that this is no logout token")]
    Nonce,
    /// It names neither a session nor a subject.
    #[error("neither `sub` nor `sid` says whom to log out")]
    Nobody,
    /// It was received before.
    #[error("the logout token was received before")]
    Replayed,
    /// More logout tokens than can be remembered: 503.
    #[error("too many logout tokens are valid at once")]
    TooMany,
    /// What is revoked could not be written everywhere: 503.
    #[error(transparent)]
    Revocation(#[from] RevocationError),
}

impl LogoutError {
    /// Whether the token may be good, and something behind it failed: 503, and the issuer may try
    /// again.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Token(error) => error.is_unavailable(),
            Self::TooMany | Self::Revocation(_) => true,
            _ => false,
        }
    }
}

impl From<JsonFault> for LogoutError {
    fn from(fault: JsonFault) -> Self {
        Self::Token(TokenError::Json { part: Part::Payload, fault })
    }
}

impl<P: Policy> BackChannelLogout<P> {
    /// For the issuers of this verifier, which has to be one with revocations. `client_id` is the
    /// id under which this service, or the application it belongs to, is registered for logout at
    /// the issuer: the `aud` of logout tokens.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoRevocations`] for a verifier without revocations, and
    /// [`ConfigError::EmptyAudience`] for an empty `client_id`.
    pub fn new(verifier: &Verifier<P>, client_id: &str) -> Result<Self, ConfigError> {
        if client_id.is_empty() {
            return Err(ConfigError::EmptyAudience);
        }
        let revocations = verifier.revocations().ok_or(ConfigError::NoRevocations)?;
        Ok(Self {
            revocations: revocations.clone(),
            verifier: verifier.clone(),
            client_ids: vec![client_id.into()],
            seen: HashMap::new(),
        })
    }

    /// Accepts logout tokens for one more client id.
    #[must_use]
    pub fn client_id(mut self, client_id: &str) -> Self {
        self.client_ids.push(client_id.into());
        self
    }

    /// Verifies a logout token and revokes what it says, on every node that shares the store.
    ///
    /// # Errors
    ///
    /// [`LogoutError`] for the log; the issuer gets 400, or 503 where
    /// [`is_unavailable`](LogoutError::is_unavailable).
    pub async fn receive(&self, logout_token: &str) -> Result<(), LogoutError> {
        let logout = match self.verified(logout_token) {
            Err(Fault::Wait(keys)) => {
                keys.fly().await;
                self.verified(logout_token)
            }
            done => done,
        };
        let logout = logout.map_err(Fault::into_error)?;
        self.require_unseen(&logout)?;
        for revocation in logout.revocations() {
            self.revocations.revoke(revocation).await?;
        }
        // Only now: what could not be written everywhere may be sent again.
        let key = (logout.issuer, logout.token_id);
        self.seen.pin().insert(key, logout.expires_at);
        Ok(())
    }

    fn verified(&self, logout_token: &str) -> Result<Logout, Fault<'_>> {
        let inner = self.verifier.inner();
        let token = Compact::split(logout_token, inner.max_length)?;
        let mut buffer = HeaderBuffer::new();
        let header = Header::read(&token, &mut buffer)?;
        let payload = String::from_utf8(token.payload()?)
            .map_err(|_| TokenError::Utf8 { part: Part::Payload })?;
        let name = unverified_issuer(&payload)?;
        let mut issuers = inner.issuers.iter();
        let issuer =
            issuers.find(|issuer| name.is(&issuer.name)).ok_or(TokenError::UnknownIssuer)?;
        require_type(issuer, header.token_type)?;
        let now = inner.clock.now();
        issuer.keys.verify_signature(&token, &header, now)?;
        let claims = LogoutClaims::read(&payload)?;
        Ok(claims.judge(&issuer.name, &self.client_ids, now, inner.leeway)?)
    }

    fn require_unseen(&self, logout: &Logout) -> Result<(), LogoutError> {
        let seen = self.seen.pin();
        if seen.contains_key(&(logout.issuer.clone(), logout.token_id.clone())) {
            return Err(LogoutError::Replayed);
        }
        if seen.len() >= SEEN_LIMIT {
            let now = self.verifier.inner().clock.now();
            seen.retain(|_, expires_at| *expires_at > now);
            if seen.len() >= SEEN_LIMIT {
                return Err(LogoutError::TooMany);
            }
        }
        Ok(())
    }
}

impl<P: Policy> fmt::Debug for BackChannelLogout<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackChannelLogout")
            .field("verifier", &self.verifier)
            .field("client_ids", &self.client_ids)
            .finish_non_exhaustive()
    }
}

/// An error, or keys to be waited for.
enum Fault<'v> {
    Logout(LogoutError),
    Wait(&'v super::remote::RemoteKeys),
}

impl Fault<'_> {
    fn into_error(self) -> LogoutError {
        match self {
            Self::Logout(error) => error,
            Self::Wait(keys) => Refusal::Keys(keys).into_error().into(),
        }
    }
}

impl<E: Into<LogoutError>> From<E> for Fault<'_> {
    fn from(error: E) -> Self {
        Self::Logout(error.into())
    }
}

impl<'v> From<Refusal<'v>> for Fault<'v> {
    fn from(refusal: Refusal<'v>) -> Self {
        match refusal {
            Refusal::Token(error) => Self::Logout(error.into()),
            Refusal::Keys(keys) => Self::Wait(keys),
            #[cfg(feature = "remote")]
            Refusal::Ask(_) => Self::Logout(TokenError::Format.into()),
        }
    }
}

/// `typ` is `logout+jwt` (section 2.4). Issuers that don't type their access tokens don't type
/// these either; the claims tell them apart.
fn require_type<P: Policy>(issuer: &Trusted<P>, token_type: TokenType) -> Result<(), TokenError> {
    match token_type {
        TokenType::Logout => Ok(()),
        TokenType::Plain | TokenType::Absent if issuer.types >= TypeRule::Plain => Ok(()),
        _ => Err(TokenError::TokenType),
    }
}

/// The claims of a logout token, where they stand.
#[derive(Default)]
struct LogoutClaims<'a> {
    issuer: Option<Value<'a>>,
    audience: Option<Value<'a>>,
    issued_at: Option<Value<'a>>,
    expires_at: Option<Value<'a>>,
    token_id: Option<Value<'a>>,
    subject: Option<Value<'a>>,
    session: Option<Value<'a>>,
    events: Option<Value<'a>>,
    nonce: bool,
}

/// What a logout token says.
struct Logout {
    issuer: Box<str>,
    token_id: Box<str>,
    issued_at: u64,
    expires_at: u64,
    who: Who,
}

enum Who {
    Session(Box<str>),
    Subject(Box<str>),
    SessionOf { session: Box<str>, subject: Box<str> },
}

impl Logout {
    fn revocations(&self) -> Vec<Revocation> {
        // INVARIANT: the time is the issuer's, as in the tokens it is compared with.
        let time = UNIX_EPOCH + Duration::from_secs(self.issued_at);
        match &self.who {
            Who::Session(session) => vec![Revocation::session(&self.issuer, session)],
            Who::Subject(subject) => vec![Revocation::subject(&self.issuer, subject, time)],
            Who::SessionOf { session, subject } => vec![
                Revocation::session(&self.issuer, session),
                Revocation::subject_without_session(&self.issuer, subject, time),
            ],
        }
    }
}

impl<'a> LogoutClaims<'a> {
    fn read(payload: &'a str) -> Result<Self, LogoutError> {
        let mut claims = Self::default();
        json::object(payload, |name, value| {
            let place = match &*name.unescape() {
                "iss" => &mut claims.issuer,
                "aud" => &mut claims.audience,
                "iat" => &mut claims.issued_at,
                "exp" => &mut claims.expires_at,
                "jti" => &mut claims.token_id,
                "sub" => &mut claims.subject,
                "sid" => &mut claims.session,
                "events" => &mut claims.events,
                "nonce" => {
                    claims.nonce = true;
                    return Ok(());
                }
                _ => return Ok(()),
            };
            *place = Some(value);
            Ok::<_, LogoutError>(())
        })?;
        Ok(claims)
    }

    /// Every check of section 2.6 that is about claims.
    fn judge(
        &self,
        issuer: &str,
        client_ids: &[Box<str>],
        now: u64,
        leeway: u64,
    ) -> Result<Logout, LogoutError> {
        if !required("iss", self.issuer)?.is(issuer) {
            return Err(TokenError::UnknownIssuer.into());
        }
        self.require_audience(client_ids)?;
        let issued_at = seconds("iat", self.issued_at)?;
        let expires_at = seconds("exp", self.expires_at)?;
        if now >= expires_at.saturating_add(leeway) {
            return Err(TokenError::Expired.into());
        }
        if issued_at > now.saturating_add(leeway) {
            return Err(TokenError::IssuedInFuture.into());
        }
        if self.nonce {
            return Err(LogoutError::Nonce);
        }
        self.require_event()?;
        let optional = |name, value: Option<_>| match value {
            Some(value) => required(name, Some(value)).map(|text| Some(owned(text))),
            None => Ok(None),
        };
        let who = match (optional("sid", self.session)?, optional("sub", self.subject)?) {
            (Some(session), Some(subject)) => Who::SessionOf { session, subject },
            (Some(session), None) => Who::Session(session),
            (None, Some(subject)) => Who::Subject(subject),
            (None, None) => return Err(LogoutError::Nobody),
        };
        let token_id = owned(required("jti", self.token_id)?);
        // As long as it is accepted.
        let expires_at = expires_at.saturating_add(leeway);
        Ok(Logout { issuer: issuer.into(), token_id, issued_at, expires_at, who })
    }

    fn require_audience(&self, client_ids: &[Box<str>]) -> Result<(), LogoutError> {
        let ours = |name: Text<'_>| client_ids.iter().any(|id| name.is(id));
        let mistyped = || TokenError::mistyped("aud", "a string or an array of strings");
        let mut found = false;
        match self.audience {
            None => return Err(TokenError::missing("aud").into()),
            Some(Value::String(name)) => found = ours(name),
            Some(Value::Array(names)) => names.elements(|name| match name {
                Value::String(name) => {
                    found |= ours(name);
                    Ok(())
                }
                _ => Err(LogoutError::from(mistyped())),
            })?,
            Some(_) => return Err(mistyped().into()),
        }
        if found { Ok(()) } else { Err(TokenError::Audience.into()) }
    }

    /// `events` is an object with the member of a logout, whose value is an object.
    fn require_event(&self) -> Result<(), LogoutError> {
        let Some(Value::Object(events)) = self.events else {
            return Err(LogoutError::NoLogoutEvent);
        };
        let mut found = false;
        events.members(|name, value| {
            found |= name.is(EVENT) && matches!(value, Value::Object(_));
            Ok::<_, LogoutError>(())
        })?;
        if found { Ok(()) } else { Err(LogoutError::NoLogoutEvent) }
    }
}

fn required<'a>(name: &str, value: Option<Value<'a>>) -> Result<Text<'a>, TokenError> {
    match value {
        None => Err(TokenError::missing(name)),
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(_) => Err(TokenError::mistyped(name, "a string that is not empty")),
    }
}

fn seconds(name: &str, value: Option<Value<'_>>) -> Result<u64, TokenError> {
    super::claims::seconds(name, value.ok_or_else(|| TokenError::missing(name))?)
}

fn owned(text: Text<'_>) -> Box<str> {
    text.unescape().into()
}
