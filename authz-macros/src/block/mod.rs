//! `#[requires(…)]` on a block of functions: an `impl`, or a module with its content in place. What
//! the block asks for, every function in it asks for, and each says so itself.
//!
//! The stages are those of one function, and run in one go: the attributes inside are read here and
//! not printed again, so that nothing can come between them and what they mean. Absent on purpose:
//! precedence. Where a block and a function in it disagree, neither wins.

mod check;
mod expand;
mod inside;
mod parse;
mod service;

use proc_macro2::TokenStream;
use quote::quote;

use crate::args::{self, Access};
use crate::diag::Errors;

pub(crate) use parse::is_block;

/// Expands `#[requires]` on the block `item`.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let mut own = Errors::new();
    let args = args::parse(Access::Requires, args, &mut own);
    let faulty = errors.absorb(own);
    let expanded = match parse::parse(args, faulty, item.clone(), &mut errors) {
        Ok(mut block) => {
            check::check(&mut block, &mut errors);
            expand::expand(&block)
        }
        Err(error) => {
            errors.push(error);
            item
        }
    };
    let errors = errors.finish().err().map(|error| error.to_compile_error());
    quote!(#errors #expanded)
}
