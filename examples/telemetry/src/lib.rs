//! Decisions as log records of OpenTelemetry, each in the trace of its request.
//!
//! Where they go is the business of the provider that a program sets up. With a batch processor, a
//! queue with an end stands between a request and the exporter: no request waits for it, and the SDK
//! counts what it drops.

use authz_core::audit::{Decision, Lacking, Record, Sink, Trace};
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, SpanId, TraceId};
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLogger, SdkLoggerProvider};

pub mod books;
pub mod policy;

/// Sends each decision as a log record with the event name `authz.decision`.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkLoggerProvider,
    logger: SdkLogger,
}

impl Telemetry {
    /// Sends decisions to the processors of this provider.
    #[must_use]
    pub fn new(provider: SdkLoggerProvider) -> Self {
        let logger = provider.logger("authz");
        Self { provider, logger }
    }
}

impl Sink for Telemetry {
    fn take(&self, decision: Decision) {
        let record = decision.record();
        let mut log = self.logger.create_log_record();
        log.set_event_name("authz.decision");
        log.set_timestamp(decision.at());
        log.set_severity_number(if decision.is_granted() {
            Severity::Info
        } else {
            Severity::Warn
        });
        set_trace(&mut log, &record);
        for (key, value) in attributes(record) {
            log.add_attribute(key, value);
        }
        self.logger.emit(log);
    }

    fn flush(&self) {
        // A provider that was shut down has nothing to write any more.
        let _ = self.provider.force_flush();
    }
}

fn set_trace(log: &mut SdkLogRecord, record: &Record) {
    let (Some(trace), Some(span)) = (&record.trace, &record.span) else { return };
    if let (Ok(trace), Ok(span)) = (TraceId::from_hex(trace), SpanId::from_hex(span)) {
        log.set_trace_context(trace, span, None);
    }
}

/// The members of a record: by the names of the semantic conventions where these have one.
fn attributes(record: Record) -> Vec<(&'static str, AnyValue)> {
    let (who, held) = (record.who, record.held.unwrap_or_default());
    let who = who.map(|who| (who.issuer, who.subject, who.client));
    let (issuer, subject, client) = match who {
        Some((issuer, subject, client)) => (Some(issuer), Some(subject), client),
        None => (None, None, None),
    };
    let (resource, count) = record.hidden.map(|hidden| (hidden.resource, hidden.count)).unzip();
    let texts = [
        ("authz.outcome", Some(record.outcome)),
        ("authz.function", Some(record.function)),
        ("authz.requirement", Some(record.requirement)),
        ("authz.detail", record.detail),
        ("http.request.method", record.method),
        ("http.route", record.route),
        ("user.id", subject),
        ("authz.issuer", issuer),
        ("authz.client", client),
        ("authz.resource", resource),
    ];
    let missing = record.missing.unwrap_or_default();
    let Lacking { roles: missing_roles, scopes: missing_scopes, .. } = missing;
    let lists = [
        ("user.roles", held.roles),
        ("authz.scopes", held.scopes),
        ("authz.missing.roles", missing_roles),
        ("authz.missing.scopes", missing_scopes),
    ];
    let texts = texts.into_iter().filter_map(|(key, text)| Some((key, AnyValue::from(text?))));
    let lists = lists.into_iter().filter(|(_, names)| !names.is_empty());
    let lists = lists.map(|(key, names)| (key, names.into_iter().collect::<AnyValue>()));
    let one_in = std::iter::once(("authz.one_in", AnyValue::from(i64::from(record.one_in))));
    let count = count.and_then(|count| i64::try_from(count).ok());
    let count = count.map(|count| ("authz.hidden", AnyValue::from(count)));
    texts.chain(lists).chain(one_in).chain(count).collect()
}

/// The trace of the span that is current, for [`Log::trace_by`](authz_core::audit::Log::trace_by).
#[must_use]
pub fn current_trace() -> Option<Trace> {
    let context = Context::map_current(|current| {
        current.has_active_span().then(|| current.span().span_context().clone())
    })?;
    let trace = u128::from_be_bytes(context.trace_id().to_bytes());
    Trace::new(trace, u64::from_be_bytes(context.span_id().to_bytes()))
}

#[cfg(test)]
mod tests;
