//! The services of `proto/shop.proto` as tonic makes them, and a stream to answer with.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use tonic::Status;
use tonic::codegen::tokio_stream::Stream;

mod made {
    #![allow(
        missing_docs,
        missing_debug_implementations,
        unused_qualifications,
        clippy::allow_attributes_without_reason,
        clippy::pedantic,
        reason = "written by tonic"
    )]

    tonic::include_proto!("shop.v1");
}

pub use made::*;

/// A stream of messages that are there.
#[derive(Debug)]
pub struct Messages<T>(IntoIter<T>);

/// A stream of orders that are there.
pub type OrderList = Messages<Order>;

impl<T> From<Vec<T>> for Messages<T> {
    fn from(messages: Vec<T>) -> Self {
        Self(messages.into_iter())
    }
}

impl<T> Default for Messages<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<T: Unpin> Stream for Messages<T> {
    type Item = Result<T, Status>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.get_mut().0.next().map(Ok))
    }
}
