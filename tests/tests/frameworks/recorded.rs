//! What the log of decisions has to say about each case of the list.

use std::sync::{Arc, Mutex};

use authz_core::audit::{Decision, Log, Record, Sink};

use crate::cases::{Case, Denial, Expected, Handler};
use crate::party::{Credentials, Target};
use crate::suite::Framework;

/// Keeps every decision, as the log of a service would.
#[derive(Clone, Default)]
pub struct Recorded(Arc<Mutex<Vec<Decision>>>);

impl Sink for Recorded {
    fn take(&self, decision: Decision) {
        self.0.lock().unwrap().push(decision);
    }
}

impl Recorded {
    /// A log that leaves nothing out.
    pub fn log(&self) -> Log {
        Log::to(self.clone()).grants(1)
    }

    pub fn take(&self) -> Vec<Decision> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// One record for each call of a guarded handler, with what was decided, about whom and where,
    /// and without what the caller must keep secret.
    pub fn judge<F: Framework>(&self, case: &Case, credentials: &Credentials) {
        let what = format!("{}: {:?} by {}", F::MODULE, case.handler, case.caller);
        let mut decisions = self.take();
        // Not of what the handlers call.
        decisions.retain(|decision| decision.function().id().starts_with(F::MODULE));
        let Some(last) = decisions.last().map(Decision::record) else {
            let guarded = !matches!(case.handler, Handler::Health | Handler::Nothing);
            assert!(!guarded, "{what}: nothing is recorded");
            return;
        };
        assert_eq!(decisions.len(), case.times, "{what}: {decisions:?}");
        // Between module and name may stand a type and a trait.
        assert!(last.function.ends_with(&format!("::{}", case.handler.name())), "{what}");
        let Target { method, .. } = F::target(case.handler);
        assert_eq!(last.method.as_deref(), Some(method), "{what}");
        assert_eq!(last.route, F::route(case.handler), "{what}");
        match case.expected {
            Expected::Ran(subject) | Expected::RanForAnother(subject) => {
                assert_eq!(last.outcome, "granted", "{what}");
                assert_eq!(last.who.as_ref().unwrap().subject, subject, "{what}");
                assert_eq!((&last.missing, &last.detail), (&None, &None), "{what}");
            }
            Expected::Denied(denial) => judge_denial(&last, denial, &what),
            Expected::NotThere => unreachable!("{what}"),
        }
        let text = decisions.last().unwrap().to_json();
        for (name, value) in &credentials.fields {
            let secret = value.rsplit(' ').next().unwrap();
            assert!(secret.len() < 8 || !text.contains(secret), "{what}: {name} is in {text}");
        }
    }
}

fn judge_denial(record: &Record, denial: Denial, what: &str) {
    assert_eq!(record.outcome.replace('_', "-"), denial.kind, "{what}");
    assert!(record.detail.as_deref().is_some_and(|detail| !detail.is_empty()), "{what}");
    // Where something is lacking there is somebody who lacks it.
    assert_eq!(record.missing.is_some(), record.who.is_some(), "{what}");
    assert_eq!(record.held.is_some(), record.who.is_some(), "{what}");
}
