//! A gRPC service of tonic: an `impl` of its trait, with `server = …` on it. What its methods are
//! called with is known, and that a caller can reach each of them; so is the server that the router
//! mounts, to which this says which methods there are and what each of them asks for.
//!
//! Absent on purpose: the names of paths. The server knows them, and the gate compares.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{FnArg, Ident, Pat};

use super::parse::{Block, Entry, Implementation, Kind, Member};
use crate::args::{Access, Args};
use crate::diag::Errors;
use crate::expand;
use crate::item::{self, Function, Rpc};

/// What to say of an `identity` in a service.
pub(super) const IDENTITY: &str = "a gRPC server hands each method its request, in which the \
                                   identity of the caller is; remove `identity`";

/// Whether the functions of a block are methods that a gRPC server calls.
pub(super) fn is_one(args: &Args, kind: Kind) -> bool {
    kind == Kind::Impl && args.server.get().is_some()
}

/// Notes every fault of a block as a service.
pub(super) fn check(block: &Block, errors: &mut Errors) {
    let Some(server) = block.args.server.key() else { return };
    if block.implementation.is_none() {
        errors.at(
            server.span(),
            "`server` names what tonic makes of a gRPC service, and stands on the `impl` of that \
             service's trait: `#[requires(server = OrdersServer)] impl Orders for Shop`",
        );
        return;
    }
    if block.args.identity.is_inherited() {
        errors.at(
            server.span(),
            "the block around says where the identity comes from, and the methods of a gRPC \
             service have it in their requests; move the `impl` out of that block",
        );
    } else if let Some(key) = block.args.identity.key() {
        errors.at(key.span(), IDENTITY);
    }
    if let Some(key) = block.args.unreachable.key() {
        errors.at(
            key.span(),
            "every method of a gRPC service is reached by its path, so that each has to say who \
             may call it; remove `unreachable`",
        );
    }
    check_told_apart(block, errors);
}

/// The gate compares the name in a path with those of the methods without case and underscores.
fn check_told_apart(block: &Block, errors: &mut Errors) {
    let names: Vec<&Ident> = members(block).map(|member| member.function.name()).collect();
    for (position, name) in names.iter().enumerate() {
        let mut earlier = names.iter().take(position);
        // The same name twice is for the compiler to judge, which knows the `cfg` of both.
        let alike = |other: &&&Ident| other != &name && bare(other) == bare(name);
        if let Some(other) = earlier.find(alike) {
            errors.at(
                name.span(),
                format!(
                    "`{other}` and `{name}` differ in case and underscores only, and which of them \
                     a path means would not be certain; rename one of them in the `.proto`"
                ),
            );
        }
    }
}

fn bare(name: &Ident) -> String {
    name.unraw().to_string().replace('_', "").to_lowercase()
}

/// Notes what a method is called with, and gives the type that stands for it its name. Says whether
/// there is what it is called with.
pub(super) fn prepare(function: &mut Function, errors: &mut Errors) -> bool {
    let name = function.name().unraw();
    let Some(request) = name_request(function) else {
        errors.at(
            function.name().span(),
            format!(
                "`{name}` takes no request by a name, and in a request is the identity of its \
                 caller; write `request: Request<...>`"
            ),
        );
        return false;
    };
    let span = Span::call_site().located_at(name.span());
    let marker = format_ident!("__{name}", span = span);
    if let Some(within) = &mut function.within {
        within.rpc = Some(Rpc { request, marker });
    }
    true
}

/// The first parameter behind `self`, which gets a name where it has none.
fn name_request(function: &mut Function) -> Option<Ident> {
    let mut inputs = function.signature.inputs.iter_mut();
    let pattern = inputs.find_map(|input| match input {
        FnArg::Typed(parameter) => Some(&mut *parameter.pat),
        FnArg::Receiver(_) => None,
    })?;
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            Some(name.ident.clone())
        }
        Pat::Wild(wild) => {
            let request = Ident::new("request", Span::mixed_site().located_at(wild.span()));
            *pattern = syn::parse_quote!(#request);
            Some(request)
        }
        _ => None,
    }
}

/// What to say of a method that says nothing.
pub(super) fn silent(function: &Function, around: &Args) -> String {
    let name = function.name().unraw();
    let write = if around.parts.is_empty() && around.inherited.is_empty() {
        "write `#[requires(...)]`, or `#[public(reason = \"...\")]` if anybody may"
    } else {
        "write `#[requires]` for what its block asks for, or `#[requires(...)]` for more"
    };
    format!(
        "`{name}` says nothing about who may call it, and every method of a gRPC service is \
         reached by its path; {write}"
    )
}

/// The block, and beside it the types that stand for its methods and what it tells the router. All
/// of it inside a constant, where the types are in nobody's way.
pub(super) fn expand(block: &Block, item: &TokenStream) -> TokenStream {
    let markers = members(block).filter_map(|member| {
        let Member { function, args, faulty, .. } = member;
        let args = args.as_ref().filter(|_| function.rpc().is_some())?;
        Some(expand::expand_beside(args, function, *faulty))
    });
    let protected = block.implementation.as_ref().map(|it| expand_protected(block, it));
    let conditions = block.attributes.iter().filter_map(|it| item::condition(&it.meta));
    quote! {
        #(#[#conditions])*
        const _: () = {
            #(#markers)*
            #item
            #protected
        };
    }
}

fn expand_protected(block: &Block, implementation: &Implementation) -> Option<TokenStream> {
    let server = block.args.server.get()?;
    let Implementation { generics, interface, implementor } = implementation;
    let krate = expand::krate(&block.args);
    let subject = Ident::new("__Service", Span::call_site());
    let policy =
        expand::expand_policy(block.args.policy.get(), block.attribute_span(), &subject, &krate);
    let methods = members(block).filter_map(|member| {
        let (function, args) = (&member.function, member.args.as_ref()?);
        let marker = &function.rpc()?.marker;
        let name = function.name().unraw().to_string();
        let add = if args.access == Access::Public { quote!(public) } else { quote!(guarded) };
        let conditions = function.conditions();
        Some(quote!(#(#[#conditions])* methods.#add::<#marker>(#name);))
    });
    let (introduced, _, bounds) = generics.split_for_impl();
    // A server of another trait would be told of methods that are not its own: that it takes
    // whatever implements this one is shown at the user's path.
    let span = server.span();
    let proof = expand::respan(quote!(#krate::__private::tonic::serves), span);
    let proof = quote_spanned!(span=> #proof::<#server<Implementor>>());
    let protected = expand::respan(quote!(#krate::tonic::Protected<#implementor>), server.span());
    let implemented = quote!(#server<#implementor>);
    Some(quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            enum #subject {}
            #policy
            #[allow(dead_code)]
            fn serves<Implementor: #interface>() {
                #proof
            }
            #[automatically_derived]
            impl #introduced #protected for #implemented #bounds {
                type Policy = <#subject as #krate::__private::UnderPolicy>::Policy;
                const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
                fn methods(methods: &mut #krate::__private::tonic::Methods<Self::Policy>) {
                    let _ = &mut *methods;
                    #(#methods)*
                }
            }
        };
    })
}

fn members(block: &Block) -> impl Iterator<Item = &Member> {
    block.entries.iter().filter_map(|entry| match entry {
        Entry::Function(member) => Some(&**member),
        _ => None,
    })
}
