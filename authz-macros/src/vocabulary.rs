//! `#[derive(Roles)]` and `#[derive(Scopes)]`.
use proc_macro2::TokenStream;
pub(crate) enum Kind {
    Role,
    Scope,
}
pub(crate) fn derive(_kind: Kind, _item: TokenStream) -> TokenStream {
    TokenStream::new()
}
