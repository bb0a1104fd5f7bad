//! Where decisions are recorded, and which of them.

use std::fmt;
use std::sync::Arc;

use super::decision::Decision;
use super::place::Place;
use super::sampling::Sampling;
use super::trace::Trace;
use crate::denied::Denied;
use crate::guard::Guarded;
use crate::identity::Identity;
use crate::registry::FunctionKind;
use crate::requirement::{Missing, Named};

/// Takes decisions that are to be recorded: a file ([`JsonLines`](super::JsonLines)), events
/// ([`Events`](super::Events)), or something of your own.
///
/// # Examples
///
/// Denials go to a channel that a task of the service reads:
///
/// ```
/// use std::sync::mpsc::SyncSender;
///
/// use authz_core::audit::{Decision, Sink};
///
/// struct Channel(SyncSender<Decision>);
///
/// impl Sink for Channel {
///     fn take(&self, decision: Decision) {
///         // A channel that is full must not make a request wait.
///         let _ = self.0.try_send(decision);
///     }
/// }
/// ```
pub trait Sink: Send + Sync + 'static {
    /// Takes a decision. This is called while a request waits: it has to come back at once.
    fn take(&self, decision: Decision);

    /// Waits until everything that was taken is where it belongs.
    fn flush(&self) {}
}

/// Both of them, the left one first.
impl<A: Sink, B: Sink> Sink for (A, B) {
    fn take(&self, decision: Decision) {
        self.0.take(decision.clone());
        self.1.take(decision);
    }

    fn flush(&self) {
        self.0.flush();
        self.1.flush();
    }
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn take(&self, decision: Decision) {
        (**self).take(decision);
    }

    fn flush(&self) {
        (**self).flush();
    }
}

/// A log of decisions: every denial, every object that was hidden, and of the grants as many as it is
/// told to record.
///
/// Cloning is cheap: clones are the same log. The last clone that goes, with the verifiers that were
/// told about it, waits until the sink has written everything; [`flush`](Self::flush) does so at any
/// time.
///
/// # Examples
///
/// ```
/// use authz_core::audit::{Events, Log};
/// use authz_core::registry::FunctionKind;
///
/// // One of a hundred grants, and all of those where the body decides the rest.
/// let log = Log::to(Events).grants(100).grants_of(FunctionKind::Manual, 1);
/// # drop(log);
/// ```
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
    /// Of the verifiers and whoever made it, not of identities, which may outlive a service.
    _owner: Arc<Owner>,
}

/// What identities keep of a log.
#[derive(Clone)]
pub(crate) struct Shared {
    sink: Arc<dyn Sink>,
    sampling: Sampling,
    trace: Option<Arc<dyn Fn() -> Option<Trace> + Send + Sync>>,
}

struct Owner(Arc<dyn Sink>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.flush();
    }
}

impl Log {
    /// A log of denials. Grants are recorded by choice: see [`grants`](Self::grants).
    #[must_use]
    pub fn to(sink: impl Sink) -> Self {
        let sink: Arc<dyn Sink> = Arc::new(sink);
        let owner = Arc::new(Owner(Arc::clone(&sink)));
        let shared = Shared { sink, sampling: Sampling::default(), trace: None };
        Self { shared: Arc::new(shared), _owner: owner }
    }

    /// Records one of so many grants, chosen by chance: all with 1, and none with 0. A record says
    /// for how many it stands.
    #[must_use]
    pub fn grants(self, one_in: u32) -> Self {
        self.grants_of(FunctionKind::Requires, one_in).grants_of(FunctionKind::Manual, one_in)
    }

    /// As [`grants`](Self::grants), for functions with this attribute alone.
    #[must_use]
    pub fn grants_of(mut self, kind: FunctionKind, one_in: u32) -> Self {
        Arc::make_mut(&mut self.shared).sampling.set(kind, one_in);
        self
    }

    /// Asks for the trace that a decision belongs to. Where the answer is `None`, the header field
    /// `traceparent` of the request tells it.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::audit::{Log, Trace};
    ///
    /// std::thread_local!(static CURRENT: std::cell::Cell<Option<Trace>> = const { std::cell::Cell::new(None) });
    ///
    /// fn traced(log: Log) -> Log {
    ///     log.trace_by(|| CURRENT.get())
    /// }
    /// ```
    #[must_use]
    pub fn trace_by(mut self, current: impl Fn() -> Option<Trace> + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.shared).trace = Some(Arc::new(current));
        self
    }

    /// Waits until every decision so far is where it belongs.
    pub fn flush(&self) {
        self.shared.sink.flush();
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("sampling", &self.shared.sampling).finish_non_exhaustive()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("sampling", &self.sampling).finish_non_exhaustive()
    }
}

impl Shared {
    /// Records a grant, if it is one of those to be recorded.
    #[inline]
    pub(super) fn granted<F: Guarded>(
        &self,
        identity: &Identity<F::Policy>,
        place: impl FnOnce() -> Place,
    ) {
        if let Some(one_in) = self.sampling.draw(F::FUNCTION.kind()) {
            let place = self.traced(place());
            self.sink.take(Decision::granted(F::FUNCTION, identity, place, one_in));
        }
    }

    /// Records a grant that a stricter rule would not have made: each of them.
    pub(super) fn shadow_denied<F: Guarded>(
        &self,
        identity: &Identity<F::Policy>,
        shadow: (&'static Named, Missing),
        place: Place,
    ) {
        let place = self.traced(place);
        let granted = Decision::granted(F::FUNCTION, identity, place, 1);
        self.sink.take(granted.in_shadow(shadow));
    }

    #[cold]
    pub(super) fn denied<F: Guarded>(
        &self,
        identity: Option<&Identity<F::Policy>>,
        denied: &Denied,
        place: Place,
    ) {
        let place = self.traced(place);
        self.sink.take(Decision::denied(F::FUNCTION, identity, denied, place));
    }

    /// Records objects that stayed hidden, in a body that does not know its request.
    #[cold]
    pub(super) fn hidden<F: Guarded>(
        &self,
        identity: &Identity<F::Policy>,
        hidden: (&'static str, usize),
    ) {
        let place = self.traced(Place::nowhere());
        self.sink.take(Decision::hidden(F::FUNCTION, identity, hidden, place));
    }

    fn traced(&self, mut place: Place) -> Place {
        if let Some(trace) = self.trace.as_ref().and_then(|current| current()) {
            place.trace = Some(trace);
        }
        place
    }
}
