//! One `tracing` event and one count for each decision: denials at `INFO` (a broken backend at `ERROR`), grants
//! at `TRACE`, target `authz`.
//!
//! Absent on purpose: token bytes, claims beyond subject and client, and request bodies.

use crate::denied::Denied;
use crate::guard::Guarded;
use crate::identity::Identity;
use crate::metrics;

#[inline]
pub(crate) fn granted<F: Guarded>(identity: &Identity<F::Policy>) {
    metrics::decision("granted");
    if tracing::enabled!(target: "authz", tracing::Level::TRACE) {
        log_granted::<F>(identity);
    }
}

#[cold]
fn log_granted<F: Guarded>(identity: &Identity<F::Policy>) {
    tracing::trace!(
        target: "authz",
        outcome = "granted",
        function = F::FUNCTION.id(),
        issuer = identity.issuer(),
        subject = identity.subject(),
        client = identity.client(),
    );
}

/// Objects that the identity asked for and that are not its own.
#[cold]
pub(crate) fn hidden<F: Guarded>(
    identity: &Identity<F::Policy>,
    resource: &'static str,
    count: usize,
) {
    metrics::hidden(count);
    tracing::info!(
        target: "authz",
        outcome = "hidden",
        function = F::FUNCTION.id(),
        issuer = identity.issuer(),
        subject = identity.subject(),
        client = identity.client(),
        tenant = identity.tenant(),
        resource,
        count,
    );
}

pub(crate) fn denied<F: Guarded>(identity: Option<&Identity<F::Policy>>, denied: &Denied) {
    let outcome = denied.outcome();
    metrics::decision(outcome);
    let function = F::FUNCTION.id();
    let issuer = identity.map(Identity::issuer);
    let subject = identity.map(Identity::subject);
    let client = identity.and_then(Identity::client);
    let detail = denied.detail();
    if denied.is_unavailable() {
        tracing::error!(target: "authz", outcome, function, issuer, subject, client, %detail);
    } else {
        tracing::info!(target: "authz", outcome, function, issuer, subject, client, %detail);
    }
}
