//! `#[derive(Roles)]` and `#[derive(Scopes)]`: parse → check → expand.
//!
//! The hierarchy is closed here, natively, so that the compiler only has to copy the result. What
//! is faulty is reported and left out; the rest is expanded all the same, so that one mistake
//! gives one error and no unsatisfied bounds elsewhere.

mod check;
mod closure;
mod exclusion;
mod expand;
mod parse;
mod record;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse2};

use crate::diag::Errors;

/// Which of the two derives is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Role,
    Scope,
}

impl Kind {
    /// One name of this kind, and the attribute of a variant.
    fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Scope => "scope",
        }
    }

    /// The attribute of the enum.
    fn plural(self) -> &'static str {
        match self {
            Self::Role => "roles",
            Self::Scope => "scopes",
        }
    }

    /// The trait, and the derive.
    fn title(self) -> &'static str {
        match self {
            Self::Role => "Roles",
            Self::Scope => "Scopes",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Role => Self::Scope,
            Self::Scope => Self::Role,
        }
    }
}

pub(crate) fn derive(kind: Kind, item: TokenStream) -> TokenStream {
    let input: DeriveInput = match parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::new();
    let raw = parse::parse(kind, input, &mut errors);
    let vocabulary = check::check(raw, &mut errors);
    let faults = errors.finish().err().map(|error| error.to_compile_error()).unwrap_or_default();
    let mut tokens = expand::expand(&vocabulary);
    tokens.extend(faults);
    tokens
}
