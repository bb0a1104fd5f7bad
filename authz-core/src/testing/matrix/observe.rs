//! One request, watched: what was decided on the way, and whether somebody read its body.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Frame;
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Metadata, Subscriber, span};

/// The body of a request of the matrix: a little text that no handler can make sense of, and a note
/// whether anybody asked for it.
#[derive(Debug)]
pub struct Payload {
    read: Arc<AtomicBool>,
    sent: bool,
}

impl Payload {
    pub(super) fn new(read: &Arc<AtomicBool>) -> Self {
        Self { read: Arc::clone(read), sent: false }
    }
}

/// For frameworks whose bodies are not made of [`http_body::Body`]: `next` is what there is to read.
impl Iterator for Payload {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.read.store(true, Ordering::Relaxed);
        let first = !std::mem::replace(&mut self.sent, true);
        first.then(|| Bytes::from_static(b"{\"not\": what anybody"))
    }
}

impl http_body::Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.get_mut().next().map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// What the events of this crate told while a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) granted: bool,
    pub(super) function: String,
}

/// Collects decisions from the events of the target `authz`.
#[derive(Clone, Default)]
pub(super) struct Observer(Arc<Mutex<Vec<Decision>>>);

/// What is left of a request.
pub(super) struct Observed<T> {
    /// `None` where the handler was left while it waited for something, or panicked.
    pub(super) answer: Option<T>,
    pub(super) decisions: Vec<Decision>,
}

impl<T> Observed<T> {
    /// What was decided about this function: whether it was granted, if anything was.
    pub(super) fn decision(&self, function: &str) -> Option<bool> {
        let ours = self.decisions.iter().find(|decision| decision.function == function);
        ours.map(|decision| decision.granted)
    }
}

impl Observer {
    pub(super) fn dispatch(&self) -> Dispatch {
        Dispatch::new(self.clone())
    }

    fn decisions(&self) -> Vec<Decision> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for the answer to a request, but not for a handler: once `function` is granted, what it
    /// waits for is not the matrix's business, nor whether it panics.
    pub(super) async fn watch<T>(
        &self,
        dispatch: &Dispatch,
        function: &str,
        answer: impl Future<Output = T>,
    ) -> Observed<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let mut answer = pin!(answer);
        let answer = poll_fn(|context| {
            let polled = catch_unwind(AssertUnwindSafe(|| {
                tracing::dispatcher::with_default(dispatch, || answer.as_mut().poll(context))
            }));
            match polled {
                Ok(Poll::Ready(answer)) => Poll::Ready(Some(answer)),
                Ok(Poll::Pending) if !self.has_granted(function) => Poll::Pending,
                Ok(Poll::Pending) | Err(_) => Poll::Ready(None),
            }
        });
        let answer = answer.await;
        Observed { answer, decisions: self.decisions() }
    }

    fn has_granted(&self, function: &str) -> bool {
        let decisions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        decisions.iter().any(|decision| decision.granted && decision.function == function)
    }
}

impl Subscriber for Observer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "authz"
    }

    fn event(&self, event: &Event<'_>) {
        let mut read = Read::default();
        event.record(&mut read);
        if let Read { outcome: Some(outcome), function: Some(function) } = read {
            let decision = Decision { granted: outcome == "granted", function };
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(decision);
        }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Read {
    outcome: Option<String>,
    function: Option<String>,
}

impl Visit for Read {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "outcome" => self.outcome = Some(value.to_owned()),
            "function" => self.function = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
