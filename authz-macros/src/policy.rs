//! `policy!(pub Policy { roles: Role, scopes: Scope })`: parse → expand of a policy.
//!
//! What the two types have to be is for trait bounds and const evaluation to say, at the user's
//! tokens.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Ident, Result, Token, Type, Visibility, braced, token};

use crate::args::Slot;
use crate::comma::{parse_comma, skip_to_comma};
use crate::diag::{Errors, did_you_mean};
use crate::names::parse_crate;

/// The whole form, for messages.
const FORM: &str = "`policy!(pub Policy { roles: Role, scopes: Scope })`";

struct Policy {
    /// The path to the runtime, given by the macro around this one.
    krate: TokenStream,
    attributes: Vec<Attribute>,
    visibility: Visibility,
    name: Ident,
    roles: Slot<Type>,
    scopes: Slot<Type>,
}

/// Expands `policy!`.
pub(crate) fn declare(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let parser = |input: ParseStream<'_>| parse(input, &mut errors);
    let parsed = parser.parse2(tokens);
    let expanded = match &parsed {
        Ok(policy) => match (policy.roles.get(), policy.scopes.get()) {
            (Some(roles), Some(scopes)) => expand(policy, roles, scopes),
            _ => TokenStream::new(),
        },
        Err(error) => {
            errors.push(error.clone());
            TokenStream::new()
        }
    };
    let faults = errors.finish().err().map(|error| error.to_compile_error());
    quote!(#faults #expanded)
}

fn parse(input: ParseStream<'_>, errors: &mut Errors) -> Result<Policy> {
    let krate = parse_crate(input)?;
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    let name = parse_name(input, &visibility)?;
    if !input.peek(token::Brace) {
        let span = if input.is_empty() { name.span() } else { input.span() };
        return Err(Error::new(
            span,
            format!("expected the roles and scopes of `{name}` in braces: {FORM}"),
        ));
    }
    let content;
    let brace = braced!(content in input);
    let mut policy =
        Policy { krate, attributes, visibility, name, roles: Slot::new(), scopes: Slot::new() };
    let mut is_whole = true;
    while !content.is_empty() {
        if let Err(error) = parse_field(&mut policy, &content) {
            errors.push(error);
            skip_to_comma(&content);
            is_whole = false;
        }
        parse_comma(&content, errors);
    }
    for (field, is_there) in
        [("roles", policy.roles.get().is_some()), ("scopes", policy.scopes.get().is_some())]
    {
        if !is_there && is_whole {
            let span = brace.span.close();
            errors.at(span, format!("`{}` has no `{field}`; write {FORM}", policy.name));
        }
    }
    if !input.is_empty() {
        errors.at(input.span(), format!("nothing may follow the braces: {FORM}"));
        input.parse::<TokenStream>()?;
    }
    Ok(policy)
}

fn parse_name(input: ParseStream<'_>, visibility: &Visibility) -> Result<Ident> {
    let message = format!("expected the name of the policy: {FORM}");
    if input.is_empty() {
        let span = match visibility {
            Visibility::Inherited => Span::call_site(),
            visibility => visibility.span(),
        };
        return Err(Error::new(span, message));
    }
    input.parse().map_err(|error: Error| Error::new(error.span(), message))
}

fn parse_field(policy: &mut Policy, input: ParseStream<'_>) -> Result<()> {
    let key: Ident = input.call(Ident::parse_any).map_err(|error| {
        Error::new(error.span(), format!("expected `roles` or `scopes`: {FORM}"))
    })?;
    let word = key.to_string();
    if word != "roles" && word != "scopes" {
        return Err(Error::new(
            key.span(),
            format!(
                "unknown key `{word}` in `policy!`; expected `roles` or `scopes`{}",
                did_you_mean(&word, &["roles", "scopes"])
            ),
        ));
    }
    let example = if word == "roles" { "Role" } else { "Scope" };
    let expected = format!("`{word}` takes an enum: `{word}: {example}`");
    if !input.peek(Token![:]) || input.peek(Token![::]) {
        return Err(Error::new(key.span(), expected));
    }
    let colon: Token![:] = input.parse()?;
    if input.is_empty() {
        return Err(Error::new(colon.span, expected));
    }
    let value = input.parse().map_err(|error: Error| Error::new(error.span(), expected))?;
    if word == "roles" { policy.roles.set(key, value) } else { policy.scopes.set(key, value) }
}

fn expand(policy: &Policy, roles: &Type, scopes: &Type) -> TokenStream {
    let Policy { krate, attributes, visibility, name, .. } = policy;
    let record = expand_record(policy, roles, scopes);
    let alias = (name != "Policy").then(|| {
        // The attributes find a policy as `<module>::Policy`.
        quote!(#[doc(hidden)] #visibility type Policy = #name;)
    });
    quote! {
        #(#attributes)*
        #[doc = "The access policy: its roles and its scopes."]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #visibility enum #name {}

        #record

        #[doc = "A verified identity under this policy."]
        #[allow(dead_code, reason = "a program may do without")]
        #visibility type Identity = #krate::Identity<#name>;

        #[doc = "A token verifier for this policy."]
        #[allow(dead_code, reason = "a program may do without")]
        #visibility type Verifier = #krate::token::Verifier<#name>;

        #alias
    }
}

/// Everything but the implementation speaks of the policy alone, so that an enum which is no
/// vocabulary is one error.
fn expand_record(policy: &Policy, roles: &Type, scopes: &Type) -> TokenStream {
    let Policy { krate, name, .. } = policy;
    let id = format!("::{}", name.unraw());
    // A grant of a scope that is none of these is reported at the enum of the scopes.
    let span = scopes.span();
    let known = quote_spanned!(span=> __known_grants::<#name>());
    let known = quote_spanned!(span=> const _: () = #known;);
    quote! {
        const _: () = {
            static __GRANTS: [
                (::core::primitive::u32, ::core::primitive::u32);
                #krate::__private::count_grants::<#name>()
            ] = #krate::__private::resolve_grants::<#name, _>();
            use #krate::__private::known_grants as __known_grants;
            #known

            static __RECORD: #krate::__private::PolicyRecord =
                #krate::__private::PolicyRecord::new::<#name>(
                    #krate::__private::MAKER,
                    ::core::concat!(::core::module_path!(), #id),
                    &__GRANTS,
                );

            #[automatically_derived]
            impl #krate::Policy for #name {
                const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
                type Role = #roles;
                type Scope = #scopes;
                const RECORD: &'static #krate::__private::PolicyRecord = &__RECORD;
            }

            #[automatically_derived]
            impl #krate::__private::PolicyOfCrate for #name {}

            #krate::__register! { policy __RECORD }
        };
    }
}
