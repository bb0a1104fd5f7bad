//! The attributes and derives of `authz-core`, which re-exports and documents them.
//!
//! One way through the house: parse → check → expand. Absent on purpose: policy logic. What a
//! name means is known to the vocabulary's const data, not to this crate.
#![expect(
    clippy::indexing_slicing,
    reason = "runs in the compiler, on positions made a few lines above"
)]

mod args;
mod attribute;
mod block;
mod check;
mod comma;
mod diag;
mod expand;
mod item;
mod names;
mod policy;
mod requirement;
mod resource;
mod route;
mod rule;
#[cfg(test)]
mod tests;
mod text;
mod verb;
mod vocabulary;

use proc_macro::TokenStream;

use args::Access;

#[expect(missing_docs, reason = "documented where `authz-core` re-exports it")]
#[proc_macro_attribute]
pub fn requires(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute::expand(Access::Requires, args.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented where `authz-core` re-exports it")]
#[proc_macro_attribute]
pub fn public(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute::expand(Access::Public, args.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented where `authz-core` re-exports it")]
#[proc_macro_attribute]
pub fn manual(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute::expand(Access::Manual, args.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented where `authz-core` re-exports it")]
#[proc_macro]
pub fn declare_rule(tokens: TokenStream) -> TokenStream {
    rule::declare(tokens.into()).into()
}

#[expect(missing_docs, reason = "documented where `authz-core` re-exports it")]
#[proc_macro]
pub fn declare_policy(tokens: TokenStream) -> TokenStream {
    policy::declare(tokens.into()).into()
}

#[expect(missing_docs, reason = "documented where `authz-core` re-exports it")]
#[proc_macro_derive(Roles, attributes(role, roles, scope, scopes))]
pub fn derive_roles(item: TokenStream) -> TokenStream {
    vocabulary::derive(vocabulary::Kind::Role, item.into()).into()
}

#[expect(missing_docs, reason = "documented where `authz-core` re-exports it")]
#[proc_macro_derive(Scopes, attributes(role, roles, scope, scopes))]
pub fn derive_scopes(item: TokenStream) -> TokenStream {
    vocabulary::derive(vocabulary::Kind::Scope, item.into()).into()
}

#[expect(missing_docs, reason = "documented where `authz-core` re-exports it")]
#[proc_macro_derive(Resource, attributes(resource, serde))]
pub fn derive_resource(item: TokenStream) -> TokenStream {
    resource::derive(item.into()).into()
}
