//! Counts for whoever watches a service, through the `metrics` facade (feature `metrics`).
//!
//! Every name and label is a word of this file, none of a token's or a caller's. Without the feature
//! these are empty. `RELIABILITY.md` lists them.

/// A decision about a function: `granted`, or the outcome of the denial.
pub(crate) fn decision(outcome: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("authz_decisions_total", "outcome" => outcome).increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = outcome;
}

/// Objects that were asked for by somebody whose they are not.
pub(crate) fn hidden(count: usize) {
    #[cfg(feature = "metrics")]
    metrics::counter!("authz_objects_hidden_total").increment(count as u64);
    #[cfg(not(feature = "metrics"))]
    let _ = count;
}

/// A grant that a stricter rule would not have made.
pub(crate) fn shadow_denied() {
    #[cfg(feature = "metrics")]
    metrics::counter!("authz_shadow_denials_total").increment(1);
}

/// A decision that is not in the log of decisions, because its writer does not keep up.
pub(crate) fn decision_dropped() {
    #[cfg(feature = "metrics")]
    metrics::counter!("authz_decision_log_dropped_total").increment(1);
}

/// Whether a token was remembered.
#[inline]
pub(crate) fn remembered(hit: bool) {
    #[cfg(feature = "metrics")]
    if hit {
        metrics::counter!("authz_token_cache_total", "result" => "hit").increment(1);
    } else {
        metrics::counter!("authz_token_cache_total", "result" => "miss").increment(1);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = hit;
}

/// A token that was verified from the beginning: `accepted`, `refused`, or `unavailable`.
pub(crate) fn verified(result: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("authz_verifications_total", "result" => result).increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = result;
}

/// Keys that were fetched from an issuer, or could not be.
#[cfg(feature = "remote")]
pub(crate) fn keys_refreshed(fetched: bool) {
    #[cfg(feature = "metrics")]
    {
        let result = if fetched { "fetched" } else { "failed" };
        metrics::counter!("authz_key_refreshes_total", "result" => result).increment(1);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = fetched;
}

/// A revocation that this node knows from now on, its own or another node's.
pub(crate) fn revocation_seen() {
    #[cfg(feature = "metrics")]
    metrics::counter!("authz_revocations_seen_total").increment(1);
}

/// A source that failed too often, and has to wait.
#[cfg(feature = "limit")]
pub(crate) fn failure_limit_reached() {
    #[cfg(feature = "metrics")]
    metrics::counter!("authz_failure_limits_reached_total").increment(1);
}

/// Sources that were forgotten before their time, for want of room.
#[cfg(feature = "limit")]
pub(crate) fn sources_forgotten(sources: usize) {
    #[cfg(feature = "metrics")]
    metrics::counter!("authz_sources_forgotten_total")
        .increment(u64::try_from(sources).unwrap_or(u64::MAX));
    #[cfg(not(feature = "metrics"))]
    let _ = sources;
}

/// How long a verification from the beginning takes, in seconds.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    #[cfg(feature = "metrics")]
    start: std::time::Instant,
}

impl Stopwatch {
    #[inline]
    pub(crate) fn start() -> Self {
        Self {
            #[cfg(feature = "metrics")]
            start: std::time::Instant::now(),
        }
    }

    #[inline]
    #[cfg_attr(
        not(feature = "metrics"),
        expect(clippy::unused_self, reason = "without the feature")
    )]
    pub(crate) fn stop(self) {
        #[cfg(feature = "metrics")]
        metrics::histogram!("authz_verification_seconds").record(self.start.elapsed());
    }
}
