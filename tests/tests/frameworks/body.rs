//! A body that notes who reads it, in no framework's terms: each adapter wraps it in its own.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Frame;

/// What a body does when somebody reads it.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    Text(&'static str),
    Endless,
    Panicking,
    Stalled,
}

/// What a caller may send who is refused: none of it matters, since nobody looks.
pub const HOSTILE: [Content; 5] = [
    Content::Text("ink"),
    Content::Text("\u{fffd}{"),
    Content::Endless,
    Content::Panicking,
    Content::Stalled,
];

/// A body that counts how often it is asked for bytes.
#[derive(Debug)]
pub struct Watched {
    content: Content,
    polls: Arc<AtomicUsize>,
}

impl Watched {
    /// The body, and the count.
    pub fn new(content: Content) -> (Self, Arc<AtomicUsize>) {
        let polls = Arc::new(AtomicUsize::new(0));
        (Self { content, polls: Arc::clone(&polls) }, polls)
    }

    /// The next piece.
    pub fn next(&self) -> Poll<Option<Bytes>> {
        let before = self.polls.fetch_add(1, Ordering::Relaxed);
        match self.content {
            Content::Text(text) if before == 0 => {
                Poll::Ready(Some(Bytes::from_static(text.as_bytes())))
            }
            Content::Text(_) => Poll::Ready(None),
            Content::Endless => Poll::Ready(Some(Bytes::from_static(&[b' '; 4096]))),
            Content::Panicking => panic!("the body was read"),
            Content::Stalled => Poll::Pending,
        }
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.next().map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
    }
}
