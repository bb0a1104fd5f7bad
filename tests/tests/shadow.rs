//! A shadow denies nobody, and whom it would have denied is told: in the log of decisions, in the counts,
//! and apart from what is required in the manifest.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

use std::sync::{Arc, Mutex};

use authz_core::audit::{Decision, Log, Record, Shadowed, Sink};
use authz_core::http::RequestHead;
use authz_core::manifest::Requirement;
use authz_core::testing::identity;
use authz_core::token::Verifier;
use authz_core::{Authentication, Authenticator, Guard, requires};
use authz_tests::policy::{self, Identity, Policy};
use http::Request;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

authz_core::rule!(Stricter = all(role = "manager", mfa));

#[requires(role = "clerk", shadow = Stricter)]
fn refund(_: Guard<refund>) {}

#[requires(role = "clerk")]
fn list(_: Guard<list>) {}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Decision>>>);

impl Sink for Kept {
    fn take(&self, decision: Decision) {
        self.0.lock().unwrap().push(decision);
    }
}

impl Kept {
    fn records(&self) -> Vec<Record> {
        self.0.lock().unwrap().drain(..).map(|decision| decision.record()).collect()
    }
}

/// Everybody is this one.
struct Only(Identity);

impl Authenticator<Policy> for Only {
    fn authenticate<'a>(&'a self, _: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

/// The identity, with its decisions in a log that records no other grants.
fn logged(identity: Identity, kept: &Kept) -> Identity {
    let verifier = Verifier::of(Only(identity)).decisions_to(&Log::to(kept.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(verifier.authenticate(RequestHead::of(&Request::new(())))).unwrap()
}

#[test]
fn a_shadow_denies_nobody_and_names_whom_it_would_have_denied() {
    let kept = Kept::default();
    let clerk = logged(identity().role("clerk").build(), &kept);
    refund(clerk.authorize::<refund>().unwrap());
    list(clerk.authorize::<list>().unwrap());
    // Grants are not recorded here, but what the shadow would have denied always is.
    let records = kept.records();
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!((record.outcome.as_str(), record.one_in), ("granted", 1));
    assert_eq!(record.function, "shadow::refund");
    let Shadowed { rule, missing } = record.shadow.as_ref().unwrap();
    assert_eq!((rule.as_str(), missing.mfa), ("shadow::Stricter", true));
    assert_eq!(missing.roles, ["manager"]);

    let manager = logged(identity().role("manager").mfa().build(), &kept);
    refund(manager.authorize::<refund>().unwrap());
    assert_eq!(kept.records(), []);
    // And what is required is required.
    let auditor = logged(identity().role("auditor").mfa().build(), &kept);
    assert_eq!(auditor.authorize::<refund>().unwrap_err().status(), 403);
    let records = kept.records();
    assert_eq!(records.len(), 1);
    assert!(records.iter().all(|record| record.shadow.is_none()), "{records:?}");
}

#[test]
fn every_grant_in_the_shadow_is_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let clerk: Identity = identity().role("clerk").build();
        for _ in 0..3 {
            refund(clerk.authorize::<refund>().unwrap());
        }
        list(clerk.authorize::<list>().unwrap());
    });
    let seen = snapshotter.snapshot().into_vec();
    let counted = seen.iter().find(|(key, ..)| key.key().name() == "authz_shadow_denials_total");
    assert!(matches!(counted, Some((.., DebugValue::Counter(3)))), "{counted:?}");
}

#[test]
fn the_manifest_and_the_lock_tell_a_shadow_apart_from_what_is_required() {
    let manifest = authz_core::manifest().unwrap();
    let function =
        manifest.functions.iter().find(|function| function.id == "shadow::refund").unwrap();
    assert_eq!(function.requirement, Requirement::Role("clerk".to_owned()));
    assert_eq!(function.needs(), "role = \"clerk\"");
    let expected = Requirement::Rule {
        name: "shadow::Stricter".to_owned(),
        requires: Box::new(Requirement::All(vec![
            Requirement::Role("manager".to_owned()),
            Requirement::Mfa,
        ])),
    };
    assert_eq!(function.shadow, Some(expected));
    let lock = manifest.to_lock();
    assert!(lock.contains("format = 2\n"), "{lock}");
    assert!(
        lock.contains(
            "shadow = 'rule(\"shadow::Stricter\", all(role = \"manager\", mfa))'\n\
             requires = ['role = \"clerk\"']\n"
        ),
        "{lock}"
    );
}
