//! Opaque tokens: the issuer is asked what they mean (RFC 7662).
//!
//! INVARIANT: what is not a boolean `true` in `active` is not active, and whatever else goes wrong
//! is no statement about the token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use papaya::HashMap;
use tokio::sync::Semaphore;

use crate::token::error::{JsonFault, TokenError};
use crate::token::json::{self, Value};

use super::http::{self as fetching, FetchError, HttpClient, Limits};

/// What does not answer, for the log.
const BACKEND: &str = "the introspection endpoint";
/// How long an answer counts unless it is said otherwise.
const DEFAULT_TTL: Duration = Duration::from_secs(10);
/// The longest time that an answer can be told to count.
const TTL_LIMIT: Duration = Duration::from_secs(5 * 60);
/// The most tokens that are remembered as not active.
const REFUSED_LIMIT: usize = 10_000;
/// The most questions that are under way at once.
const QUESTIONS: usize = 64;

/// How to ask an issuer about opaque tokens (RFC 7662).
///
/// Given to [`Issuer::introspection`](crate::token::Issuer::introspection). An answer counts for 10
/// seconds, never longer than the token; for so long a token that was revoked at the issuer can
/// still be accepted here. A token that is not active is not asked about again for 10 seconds.
///
/// # Examples
///
/// ```
/// use authz_core::token::{Introspection, Issuer};
///
/// # let secret = "from the environment";
/// let introspection =
///     Introspection::new("https://id.example.com/introspect", "orders-api", secret);
/// let issuer = Issuer::opaque("https://id.example.com", introspection);
/// ```
#[derive(Clone)]
pub struct Introspection {
    pub(crate) endpoint: Box<str>,
    credentials: HeaderValue,
    ttl: Duration,
}

impl Introspection {
    /// By the address of the endpoint, and the credentials of this service there
    /// (`client_secret_basic`, RFC 6749 section 2.3.1).
    #[must_use]
    pub fn new(endpoint: &str, client_id: &str, client_secret: &str) -> Self {
        let encode =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let pair = format!("{}:{}", encode(client_id), encode(client_secret));
        let text = format!("Basic {}", STANDARD.encode(pair));
        // INVARIANT: base64 is visible ASCII, so the fallback is never taken; it would authenticate
        // nobody.
        let mut credentials =
            HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Basic"));
        credentials.set_sensitive(true);
        Self { endpoint: endpoint.into(), credentials, ttl: DEFAULT_TTL }
    }

    /// How long an answer counts: 10 seconds unless set, at most 5 minutes.
    #[must_use]
    pub fn remembering_for(mut self, time: Duration) -> Self {
        self.ttl = time.min(TTL_LIMIT);
        self
    }

    #[cfg(test)]
    pub(crate) fn ttl(&self) -> Duration {
        self.ttl
    }
}

/// Without the credentials.
impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("endpoint", &fetching::shown(&self.endpoint))
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

/// Asks, and remembers what is not active.
pub(crate) struct Introspector {
    settings: Introspection,
    limits: Limits,
    client: Arc<dyn HttpClient>,
    /// The SHA-256 of tokens that are not active, until when: seconds since 1970.
    refused: HashMap<[u8; 32], u64>,
    questions: Semaphore,
}

impl Introspector {
    pub(crate) fn new(
        settings: Introspection,
        insecure: bool,
        client: Arc<dyn HttpClient>,
    ) -> Self {
        Self {
            settings,
            limits: Limits::new(insecure),
            client,
            refused: HashMap::new(),
            questions: Semaphore::new(QUESTIONS),
        }
    }

    /// How long an answer counts, in seconds.
    pub(crate) fn ttl(&self) -> u64 {
        self.settings.ttl.as_secs()
    }

    /// Whether the issuer said a moment ago that this token is not active.
    pub(crate) fn is_refused(&self, token: &str, now: u64) -> bool {
        self.refused.pin().get(&hash(token)).is_some_and(|until| now < *until)
    }

    /// The answer for an active token.
    pub(crate) async fn ask(&self, token: &str, now: u64) -> Result<String, TokenError> {
        let answer = match tokio::time::timeout(self.limits.timeout, self.exchange(token)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(unavailable(&error)),
            Err(_) => {
                let seconds = self.limits.timeout.as_secs();
                return Err(unavailable(&FetchError::Timeout { seconds }));
            }
        };
        // A page in the place of an answer says nothing about the token.
        if is_active(&answer).map_err(|fault| unavailable(&fault))? {
            return Ok(answer);
        }
        self.refuse(token, now);
        Err(TokenError::NotActive)
    }

    async fn exchange(&self, token: &str) -> Result<String, FetchError> {
        // The semaphore is never closed; if it were, nobody would be asked.
        let closed = |_| FetchError::Transport { reason: "no questions are asked".into() };
        let _permit = self.questions.acquire().await.map_err(closed)?;
        let url = &*self.settings.endpoint;
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", "access_token")
            .finish();
        let request = Request::post(url)
            .header(AUTHORIZATION, &self.settings.credentials)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(body.into_bytes())
            .map_err(|_| FetchError::Address { url: fetching::shown(url) })?;
        fetching::fetch(&*self.client, request, self.limits).await
    }

    fn refuse(&self, token: &str, now: u64) {
        let refused = self.refused.pin();
        if refused.len() >= REFUSED_LIMIT {
            refused.retain(|_, until| now < *until);
        }
        if refused.len() < REFUSED_LIMIT {
            refused.insert(hash(token), now.saturating_add(self.ttl()));
        }
    }
}

fn is_active(answer: &str) -> Result<bool, JsonFault> {
    let mut active = false;
    json::object(answer, |name, value| {
        if name.is("active") {
            active = matches!(value, Value::True);
        }
        Ok::<_, JsonFault>(())
    })?;
    Ok(active)
}

fn hash(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    let digest = digest(&SHA256, token.as_bytes());
    // INVARIANT: both have 32 bytes.
    for (to, from) in hash.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    hash
}

#[cold]
fn unavailable(error: &dyn fmt::Display) -> TokenError {
    tracing::error!(target: "authz::introspection", %error, "no answer");
    TokenError::Unavailable { backend: BACKEND }
}
