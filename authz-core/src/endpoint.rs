//! What answers at a place, in the records of routes of every framework. Nothing is enforced from it.
//!
//! Absent on purpose: the place, which each framework words in its own way.

use std::fmt;

use crate::registry::Function;

/// A function, or a service that is public for a reason.
#[derive(Clone, Copy, Debug)]
pub enum Endpoint {
    Function(&'static Function),
    Service { reason: &'static str },
}

impl Endpoint {
    pub fn function(self) -> Option<&'static Function> {
        match self {
            Self::Function(function) => Some(function),
            Self::Service { .. } => None,
        }
    }

    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Function(function) => function.reason(),
            Self::Service { reason } => Some(reason),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(function) => f.write_str(function.id()),
            Self::Service { reason } => write!(f, "public service: {reason}"),
        }
    }
}
