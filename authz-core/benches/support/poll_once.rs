//! What is measured waits for nothing: keys are there, and nobody is asked.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

pub(crate) fn poll_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => waits(),
    }
}

#[expect(clippy::panic, reason = "what waits can't be measured here")]
fn waits() -> ! {
    panic!("there is something to wait for")
}
