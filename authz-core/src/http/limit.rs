//! A limit of failures for each source, so that guessing at credentials comes to an end.
//!
//! A request is looked at before anything is verified, and counts afterwards if it failed. INVARIANT:
//! a source that has to wait gets one and the same answer whatever it sends, with good credentials
//! too. An answer that told them apart would let the guessing go on.
//!
//! Absent on purpose: a limit of requests that succeed, which is not about who may call; and counts that
//! nodes share, each of which limits what reaches it.

#[cfg(feature = "limit")]
use std::hash::Hash;
#[cfg(feature = "limit")]
use std::sync::Arc;
#[cfg(feature = "limit")]
use std::time::Duration;

use super::head::RequestHead;
#[cfg(feature = "limit")]
use super::sources::{Sources, Table};
#[cfg(feature = "limit")]
use crate::denied::Cause;
use crate::denied::Denied;
#[cfg(feature = "limit")]
use crate::policy::Policy;
#[cfg(feature = "limit")]
use crate::token::{ConfigError, Verifier};

/// How many sources are remembered unless the limit says otherwise.
#[cfg(feature = "limit")]
const DEFAULT_SOURCES: usize = 100_000;
/// The most failures that a limit can allow.
#[cfg(feature = "limit")]
const FAILURES_LIMIT: u32 = 1_000_000;
/// The longest time that failures can count.
#[cfg(feature = "limit")]
const PERIOD_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);
/// The most sources that can be remembered.
#[cfg(feature = "limit")]
const SOURCES_LIMIT: usize = 10_000_000;

/// How many failures a source may have (feature `limit`): see [`Verifier::limit_failures`].
///
/// So many failures may come at once. They are forgiven one after the other, evenly over the period: of
/// 10 in a minute, one every 6 seconds. Whoever has used them up waits until the next one is forgiven.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use authz_core::http::FailureLimit;
///
/// let limit = FailureLimit::new(10, Duration::from_mins(1)).max_sources(50_000);
/// ```
#[cfg(feature = "limit")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a limit does nothing until a verifier has it"]
pub struct FailureLimit {
    pub(crate) failures: u32,
    pub(crate) period: Duration,
    pub(crate) sources: usize,
}

#[cfg(feature = "limit")]
impl FailureLimit {
    /// So many failures in so much time: 1 to 1,000,000 of them in 1 second to 24 hours.
    pub const fn new(failures: u32, period: Duration) -> Self {
        Self { failures, period, sources: DEFAULT_SOURCES }
    }

    /// How many sources are remembered: 100,000 unless set, 10,000,000 at most.
    ///
    /// A source takes some hundred bytes beside its key. Where there is no room for another one, those
    /// go that have nothing to wait for any more, and if that does not help, the half that is nearest
    /// to being forgiven everything. So whoever can send from more addresses than this gets more tries
    /// than the limit says, and who has failed most waits longest. Both is in the log and in the counts.
    pub const fn max_sources(self, sources: usize) -> Self {
        Self { sources, ..self }
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let fits = (1..=FAILURES_LIMIT).contains(&self.failures)
            && (Duration::from_secs(1)..=PERIOD_LIMIT).contains(&self.period)
            && (1..=SOURCES_LIMIT).contains(&self.sources);
        if fits { Ok(self) } else { Err(ConfigError::FailureLimit { limit: self }) }
    }
}

#[cfg(feature = "limit")]
impl<P: Policy> Verifier<P> {
    /// Makes sources wait whose credentials fail too often (feature `limit`): 429 with `Retry-After`,
    /// before anything of a request is verified.
    ///
    /// `source` tells where a request comes from: the address of the peer, or of its network, or what a
    /// proxy in front says that only this proxy can say. Requests for which it is `None` share one limit, so
    /// that none of them escapes; a source that is found in no request stops all of them together.
    /// It is asked before a request is verified, and again if that failed.
    ///
    /// What counts are credentials that are not good, whoever looks at them: tokens, proofs of their
    /// senders, and what an authenticator calls [`invalid`](crate::Refusal::invalid) or
    /// [`malformed`](crate::Refusal::malformed). Requests without credentials don't count, nor those with
    /// good ones that are not enough (403), nor those about which nobody can tell (503). Good credentials
    /// forgive nothing.
    ///
    /// While a source waits, nobody passes from there, with good credentials neither: a limit that let
    /// these through would not stop a guess that is right. People behind one address wait together, so
    /// leave room for the failures of honest clients, such as tokens that have just expired.
    ///
    /// Requests that are verified at the same moment are all looked at before the first of them counts.
    /// Clones of the verifier share the counts, and so do the routers that have one; nodes don't.
    /// Public functions and [`verify`](Self::verify), which gets no request, are not limited.
    ///
    /// # Errors
    ///
    /// [`ConfigError::FailureLimit`] for a limit that would stop everybody or nobody.
    ///
    /// # Examples
    ///
    /// The peer's address on axum, served with `into_make_service_with_connect_info::<SocketAddr>()`:
    ///
    /// ```
    /// use std::net::{IpAddr, SocketAddr};
    /// use std::time::Duration;
    ///
    /// use authz_core::Policy;
    /// use authz_core::http::{FailureLimit, RequestHead};
    /// use authz_core::token::{ConfigError, Verifier};
    /// use axum::extract::ConnectInfo;
    ///
    /// fn peer(head: RequestHead<'_>) -> Option<IpAddr> {
    ///     let ConnectInfo(address) = head.extensions().get::<ConnectInfo<SocketAddr>>()?;
    ///     Some(address.ip())
    /// }
    ///
    /// fn limited<P: Policy>(verifier: Verifier<P>) -> Result<Verifier<P>, ConfigError> {
    ///     verifier.limit_failures(FailureLimit::new(20, Duration::from_mins(1)), peer)
    /// }
    /// ```
    ///
    /// On actix-web the address is there by itself: `head.extensions().get::<SocketAddr>()`. Behind
    /// tonic's own server it is too: `head.extensions().get::<TcpConnectInfo>()?.remote_addr()`, or in
    /// `TlsConnectInfo<TcpConnectInfo>` with its TLS.
    pub fn limit_failures<K>(
        self,
        limit: FailureLimit,
        source: impl Fn(RequestHead<'_>) -> Option<K> + Send + Sync + 'static,
    ) -> Result<Self, ConfigError>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
    {
        let table = Table::new(limit.checked()?, source, self.clock());
        Ok(self.limited_by(Limit { sources: Some(Arc::new(table)) }))
    }
}

/// The limit of a verifier, if it has one; without the feature `limit` there is none.
#[derive(Clone, Default)]
pub(crate) struct Limit {
    #[cfg(feature = "limit")]
    sources: Option<Arc<dyn Sources>>,
}

#[cfg_attr(
    not(feature = "limit"),
    expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "without the feature")
)]
impl Limit {
    /// Whether a request may be verified at all.
    #[inline]
    pub(crate) fn admit(&self, head: RequestHead<'_>) -> Result<(), Denied> {
        #[cfg(feature = "limit")]
        if let Some(sources) = &self.sources
            && let Some(wait) = sources.wait(head)
        {
            return Err(too_many_failures(wait));
        }
        #[cfg(not(feature = "limit"))]
        let _ = head;
        Ok(())
    }

    /// Counts a request that failed, and hands the answer on.
    #[inline]
    pub(crate) fn count<T>(
        &self,
        head: RequestHead<'_>,
        answer: Result<T, Denied>,
    ) -> Result<T, Denied> {
        #[cfg(feature = "limit")]
        if let Some(sources) = &self.sources
            && let Err(denied) = &answer
            && is_failure(denied)
        {
            sources.count(head);
        }
        #[cfg(not(feature = "limit"))]
        let _ = head;
        answer
    }
}

/// In whole seconds, so that whoever waits that long has waited long enough.
#[cfg(feature = "limit")]
#[cold]
fn too_many_failures(wait: Duration) -> Denied {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    Denied::new(Cause::TooManyFailures { seconds: seconds.max(1) })
}

/// Whether there were credentials that are not good.
#[cfg(feature = "limit")]
fn is_failure(denied: &Denied) -> bool {
    match denied.cause() {
        Cause::Malformed { .. }
        | Cause::InvalidToken { .. }
        | Cause::InvalidProof { .. }
        | Cause::Refused { .. } => true,
        // A client can't know the nonce before it is told, and nobody can help what another site makes
        // their browser send.
        Cause::NoCredentials { .. }
        | Cause::NonceWanted { .. }
        | Cause::CrossSite { .. }
        | Cause::Lacking(_)
        | Cause::TooManyFailures { .. }
        | Cause::Unavailable { .. } => false,
    }
}
