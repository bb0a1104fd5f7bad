//! The log of decisions as `tracing` events, for programs that collect those anyway.

use super::decision::Decision;
use super::log::Sink;

/// Writes each record as an event at `INFO`, target `authz::decisions`.
///
/// These are the records of a [`Log`](super::Log) with all their members, beside the events that are
/// there without one. What a subscriber does with them, it does while the request waits.
///
/// # Examples
///
/// ```
/// use authz_core::audit::{Events, Log};
///
/// let log = Log::to(Events).grants(1);
/// # drop(log);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Events;

impl Sink for Events {
    fn take(&self, decision: Decision) {
        if !tracing::enabled!(target: "authz::decisions", tracing::Level::INFO) {
            return;
        }
        let record = decision.record();
        let (who, held) = (record.who.as_ref(), record.held.as_ref());
        tracing::info!(
            target: "authz::decisions",
            outcome = record.outcome,
            function = record.function,
            kind = record.kind,
            requirement = record.requirement,
            method = record.method,
            route = record.route,
            trace = record.trace,
            span = record.span,
            issuer = who.map(|who| who.issuer.as_str()),
            subject = who.map(|who| who.subject.as_str()),
            client = who.and_then(|who| who.client.as_deref()),
            by = who.map(|who| who.by.as_str()),
            roles = held.map(|held| held.roles.join(" ")),
            scopes = held.map(|held| held.scopes.join(" ")),
            detail = record.detail,
            shadow = record.shadow.map(|shadow| shadow.rule),
            resource = record.hidden.as_ref().map(|hidden| hidden.resource.as_str()),
            count = record.hidden.as_ref().map(|hidden| hidden.count),
            one_in = record.one_in,
        );
    }
}
