//! What a collector gets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use authz_core::audit::{Decision, Sink};
use authz_core::http::RequestHead;
use authz_core::testing::{Clock, TestIssuer};
use http::Request;
use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::{SpanContext, TraceContextExt as _, TraceFlags, TraceState};
use opentelemetry::{Context, SpanId, TraceId};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLogRecord, SdkLoggerProvider};

use crate::{Telemetry, books};

const TRACE: (TraceId, SpanId) = (TraceId::from_bytes([7; 16]), SpanId::from_bytes([9; 8]));

/// Keeps decisions until nothing of their requests is current any more, as a queue does.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Decision>>>);

impl Sink for Kept {
    fn take(&self, decision: Decision) {
        self.0.lock().unwrap().push(decision);
    }
}

/// What is decided in a span about a caller with the scope and this role.
async fn decisions(role: &str) -> Vec<Decision> {
    let (issuer, clock) = (TestIssuer::new("https://issuer.test"), Clock::at(1_800_000_000));
    let kept = Kept::default();
    let verifier = books::verifier(&issuer, &clock, kept.clone()).unwrap();
    let token = issuer.token(&clock, "books").subject("ann").role(role);
    let token = token.scope("write:books").sign();
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    let request = request.body(()).unwrap();
    let identity = verifier.authenticate(RequestHead::of(&request)).await.unwrap();
    let span = SpanContext::new(TRACE.0, TRACE.1, TraceFlags::SAMPLED, true, TraceState::NONE);
    let _current = Context::new().with_remote_span_context(span).attach();
    let _ = identity.authorize::<books::close>();
    kept.0.lock().unwrap().drain(..).collect()
}

/// What a collector gets of it.
async fn records(role: &str) -> Vec<SdkLogRecord> {
    let exporter = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder().with_batch_exporter(exporter.clone()).build();
    let telemetry = Telemetry::new(provider);
    decisions(role).await.into_iter().for_each(|decision| telemetry.take(decision));
    telemetry.flush();
    exporter.get_emitted_logs().unwrap().into_iter().map(|log| log.record).collect()
}

fn trace(record: &SdkLogRecord) -> (TraceId, SpanId) {
    let context = record.trace_context().unwrap();
    (context.trace_id, context.span_id)
}

fn attributes(record: &SdkLogRecord) -> BTreeMap<&str, &AnyValue> {
    record.attributes_iter().map(|(key, value)| (key.as_str(), value)).collect()
}

#[tokio::test]
async fn a_denial_says_who_what_and_what_is_missing_in_the_trace_of_its_request() {
    let records = records("clerk").await;
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(record.event_name(), Some("authz.decision"));
    assert_eq!(record.severity_number(), Some(Severity::Warn));
    assert_eq!(trace(record), TRACE);
    let attributes = attributes(record);
    for (key, text) in [
        ("authz.outcome", "insufficient_scope"),
        ("authz.function", "telemetry::books::close"),
        ("user.id", "ann"),
        ("authz.issuer", "https://issuer.test"),
    ] {
        assert_eq!(attributes[key], &AnyValue::from(text), "{key}");
    }
    let list = |name: &str| [name.to_owned()].into_iter().collect::<AnyValue>();
    assert_eq!(attributes["authz.missing.roles"], &list("bookkeeper"));
    assert_eq!(attributes["user.roles"], &list("clerk"));
    assert!(!attributes.contains_key("authz.missing.scopes"));
}

#[tokio::test]
async fn a_grant_is_sent_too() {
    let records = records("bookkeeper").await;
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(record.severity_number(), Some(Severity::Info));
    assert_eq!(trace(record), TRACE);
    let attributes = attributes(record);
    assert_eq!(attributes["authz.outcome"], &AnyValue::from("granted"));
    assert_eq!(attributes["authz.one_in"], &AnyValue::from(1));
    assert!(!attributes.contains_key("authz.missing.roles"));
}
