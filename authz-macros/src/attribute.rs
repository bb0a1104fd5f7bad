//! The way of one access attribute through the house: args and item, then check, then expand.

use proc_macro2::TokenStream;
use quote::quote;

use crate::args::{self, Access};
use crate::block;
use crate::check;
use crate::diag::Errors;
use crate::expand;
use crate::item;
use crate::verb;

/// Expands `#[requires]`, `#[public]` or `#[manual]` on `item`.
pub(crate) fn expand(access: Access, args: TokenStream, item: TokenStream) -> TokenStream {
    if access == Access::Requires && block::is_block(&item) {
        return block::expand(args, item);
    }
    let mut errors = Errors::new();
    let mut args = args::parse(access, args, &mut errors);
    let whole = item.clone();
    let mut function = match item::parse(access, item) {
        Ok(function) => function,
        Err(error) => {
            errors.push(error);
            let errors =
                errors.finish().map_or_else(|error| error.to_compile_error(), |()| quote!());
            // The item as it is: the editor goes on knowing it, and the build fails.
            return quote!(#errors #whole);
        }
    };
    let mentions = verb::read(&mut args, &mut function, &mut errors);
    check::check(&args, &function, &mut errors);
    match errors.finish() {
        Ok(()) => {
            let expanded = expand::expand(&args, &function);
            quote!(#expanded #mentions)
        }
        Err(error) => {
            let errors = error.to_compile_error();
            let fallback = expand::expand_fallback(&args, &function);
            quote!(#errors #fallback #mentions)
        }
    }
}
