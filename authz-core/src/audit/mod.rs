//! What was decided, for whoever watches, reviews and answers for it: one `tracing` event and one
//! count for each decision, and a record of it for a log of decisions.
//!
//! A [`Log`] has a [`Sink`] and says which grants are recorded; denials always are, and so is what stays
//! [`Sealed`](crate::Sealed). A verifier is
//! told about it by one line, and whatever is decided about its identities is recorded, on every web
//! framework and in [`Identity::authorize`](crate::Identity::authorize) alike.
//!
//! ```no_run
//! use authz_core::Policy;
//! use authz_core::audit::{JsonLines, Log};
//! use authz_core::token::Verifier;
//!
//! fn watched<P: Policy>(verifier: Verifier<P>) -> std::io::Result<Verifier<P>> {
//!     let log = Log::to(JsonLines::append("decisions.jsonl")?).grants(100);
//!     Ok(verifier.decisions_to(&log))
//! }
//! ```
//!
//! A [`Record`] says who asked for what where, what was missing, and what the identity had, so that
//! it can be decided again: `cargo authz replay` does so with today's requirements, and `cargo authz
//! usage` tells what is held and never needed. `RELIABILITY.md` lists its members, and
//! `decision.schema.json` describes them for programs.
//!
//! [`guide::decisions`](crate::guide::decisions) says what a line looks like, what happens where the disk is
//! full, and how a rule is tightened with it.
//!
//! Without a log there are the events still: denials at `INFO` (a broken backend at `ERROR`), grants at
//! `TRACE`, target `authz`.
//!
//! Absent on purpose: token bytes, claims beyond those named in the record, queries, paths with
//! values in them, and bodies.

mod decision;
mod events;
mod json_lines;
mod log;
mod place;
mod record;
mod sampling;
#[cfg(test)]
mod tests;
mod trace;
mod writer;

pub use decision::Decision;
pub(crate) use decision::{By, Facts, Origin};
pub use events::Events;
pub use json_lines::JsonLines;
pub(crate) use log::Shared;
pub use log::{Log, Sink};
pub(crate) use place::Place;
pub use record::{Dropped, FORMAT, HIDDEN, Held, HiddenObjects, Lacking, Record, Shadowed, Who};
pub use trace::Trace;

use crate::denied::Denied;
use crate::guard::{Guarded, Shadow};
use crate::identity::Identity;
use crate::metrics;

#[inline]
pub(crate) fn granted<F: Guarded>(identity: &Identity<F::Policy>, place: impl FnOnce() -> Place) {
    metrics::decision("granted");
    if tracing::enabled!(target: "authz", tracing::Level::TRACE) {
        log_granted::<F>(identity);
    }
    let Some(shadow) = F::SHADOW.filter(|shadow| !(shadow.permits)(identity)) else {
        if let Some(log) = identity.log() {
            log.granted::<F>(identity, place);
        }
        return;
    };
    shadow_denied::<F>(identity, &shadow, place);
}

/// A grant that a stricter rule would not have made.
#[cold]
fn shadow_denied<F: Guarded>(
    identity: &Identity<F::Policy>,
    shadow: &Shadow<F::Policy>,
    place: impl FnOnce() -> Place,
) {
    metrics::shadow_denied();
    let missing = shadow.rule.requirement().missing_for(identity);
    tracing::info!(
        target: "authz",
        outcome = "shadow_denied",
        function = F::FUNCTION.id(),
        issuer = identity.issuer(),
        subject = identity.subject(),
        client = identity.client(),
        rule = shadow.rule.name(),
        detail = %format_args!("lacking {missing}"),
    );
    if let Some(log) = identity.log() {
        log.shadow_denied::<F>(identity, (shadow.rule, missing), place());
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
    if let Some(log) = identity.log() {
        log.hidden::<F>(identity, (resource, count));
    }
}

/// A denial of somebody who is known.
pub(crate) fn denied<F: Guarded>(
    identity: &Identity<F::Policy>,
    denied: &Denied,
    place: impl FnOnce() -> Place,
) {
    count_denied::<F>(Some(identity), denied);
    if let Some(log) = identity.log() {
        log.denied::<F>(Some(identity), denied, place());
    }
}

/// A denial of somebody who is not known.
pub(crate) fn unknown<F: Guarded>(
    log: Option<&Log>,
    denied: &Denied,
    place: impl FnOnce() -> Place,
) {
    count_denied::<F>(None, denied);
    if let Some(log) = log {
        log.shared().denied::<F>(None, denied, place());
    }
}

fn count_denied<F: Guarded>(identity: Option<&Identity<F::Policy>>, denied: &Denied) {
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
