//! Attributes that are called like ours, or like those of other frameworks, and change nothing: a
//! stand-in for the macros of contracts, web frameworks and earlier attempts.

use proc_macro::TokenStream;

/// As in crates for contracts.
#[proc_macro_attribute]
pub fn requires(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// As in other crates for authorization.
#[proc_macro_attribute]
pub fn authorize(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// As in other crates for authorization.
#[proc_macro_attribute]
pub fn protect(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
