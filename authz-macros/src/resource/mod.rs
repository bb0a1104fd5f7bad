//! `#[derive(Resource)]`: parse → check → expand. Which fields say whose an object is, and which of them
//! are for whom.
//!
//! Absent on purpose: what the fields hold. Whether they can be compared with a subject is for the
//! compiler to say, at the field's type; how they are serialized is for serde.

mod check;
mod expand;
mod field;
mod given;
mod masks;
mod parse;
mod record;
mod seen;
mod serde;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse2};

use crate::diag::Errors;

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::new();
    let raw = parse::parse(input, &mut errors);
    let resource = check::check(&raw, &mut errors);
    match errors.finish() {
        Ok(()) => expand::expand(&raw, &resource),
        Err(error) => {
            let mut tokens = error.to_compile_error();
            // Nobody's, so that its uses are no further errors.
            tokens.extend(expand::expand_fallback(&raw));
            tokens
        }
    }
}
