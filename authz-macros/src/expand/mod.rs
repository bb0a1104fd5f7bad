//! Prints what `check` let pass; one `expand_…` for each piece.
//!
//! INVARIANT: the body stays inside the function that carries the check. No unguarded sibling is
//! ever emitted.

mod judgement;
mod object;
mod record;
mod requirement;
mod rule;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Path};

use crate::args::{Access, Args};
use crate::item::Function;
use crate::names;
use crate::requirement::Part;
use judgement::expand_judgement;
use object::expand_object;
use record::{ObjectCheck, Record};
use requirement::Tree;
pub(crate) use rule::{expand_faulty_rule, expand_mask, expand_rule};

/// The guarded function, its marker type and its record.
pub(crate) fn expand(args: &Args, function: &Function) -> TokenStream {
    expand_as(args, function, Sincerity::Checked)
}

/// What to emit beside the errors: the same shape, so that nothing else goes wrong because of
/// them, with a check that denies.
pub(crate) fn expand_fallback(args: &Args, function: &Function) -> TokenStream {
    let mut function = function.clone();
    function.remove_other_access();
    let signature = &function.signature;
    if signature.constness.is_some() || signature.abi.is_some() || function.is_rewritten() {
        // With a check such a function would have faults that the user didn't make.
        return function.to_token_stream();
    }
    // What a faulty attribute would have used is no further fault.
    function.attributes.push(syn::parse_quote!(#[allow(unused_variables)]));
    expand_as(args, &function, Sincerity::Fallback)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sincerity {
    Checked,
    Fallback,
}

fn expand_as(args: &Args, function: &Function, sincerity: Sincerity) -> TokenStream {
    let krate = krate(args);
    if function.rpc().is_some() {
        // The type that stands for it is beside its block: see `expand_beside`.
        if args.access == Access::Public {
            return function.to_token_stream();
        }
        let check = expand_check(args, function, &krate);
        return function_with_prelude(function, &check, args, &krate);
    }
    let inside = is_inside(args, function);
    let marker = expand_marker(function, inside);
    let record = expand_record(args, function, &krate, sincerity);
    if inside {
        let check = expand_check(args, function, &krate);
        return function_with_prelude(function, &quote!({ #marker #record #check }), args, &krate);
    }
    let conditions = function.conditions();
    let function = expand_function(args, function, &krate);
    quote!(#function #(#[#conditions])* #marker #(#[#conditions])* #record)
}

/// The marker type of a method of a gRPC service, and its record. They stand beside the block, since
/// its server asks for what its methods ask for before it calls them.
pub(crate) fn expand_beside(args: &Args, function: &Function, faulty: bool) -> TokenStream {
    let krate = krate(args);
    let sincerity = if faulty { Sincerity::Fallback } else { Sincerity::Checked };
    let marker = expand_marker(function, true);
    let record = expand_record(args, function, &krate, sincerity);
    let conditions = function.conditions();
    quote!(#(#[#conditions])* #marker #(#[#conditions])* #record)
}

/// Whether the check stands in the body. Else it stands before the call, and its proof is taken.
fn is_inside(args: &Args, function: &Function) -> bool {
    function.is_method() || args.identity.get().is_some() && function.proof().is_none()
}

pub(crate) fn krate(args: &Args) -> TokenStream {
    args.krate.get().map_or_else(|| quote!(::authz_core), quote::ToTokens::to_token_stream)
}

/// The policy of `subject`, a type: `UnderPolicy` for it.
///
/// The path is to a type, or to the module where `policy!` stands. A last segment in upper camel case
/// is the type; a mistake about that is an unresolved path, never another policy. Through `IsPolicy`,
/// and at the user's path, so that a type which is no policy is one error, and there.
pub(crate) fn expand_policy(
    path: Option<&Path>,
    attribute: Span,
    subject: &Ident,
    krate: &TokenStream,
) -> TokenStream {
    let (span, path) = match path {
        None => return expand_default_policy(attribute, subject, krate),
        Some(path) if names_a_type(path) => (path.span(), quote!(#path)),
        Some(path) => {
            let span = path.span();
            (span, quote_spanned!(span=> #path::Policy))
        }
    };
    let is_policy = respan(quote!(#krate::__private::IsPolicy), span);
    let policy = quote_spanned!(span=> <#path as #is_policy>::Policy);
    quote! {
        #[automatically_derived]
        impl #krate::__private::UnderPolicy for #subject {
            type Policy = #policy;
        }
    }
}

/// `crate::policy::Policy`, or a type that is no policy and whose message says what to create.
///
/// A glob import of the root hides the stand-in of the block around it where there is a `policy`. Only
/// the implementation stands in its reach: other names of the root must hide nothing.
fn expand_default_policy(attribute: Span, subject: &Ident, krate: &TokenStream) -> TokenStream {
    let policy = quote_spanned!(attribute=> policy::Policy);
    let stand_in = quote_spanned!(attribute=> policy);
    let require = quote_spanned!(attribute=> __require::<#policy>());
    quote! {
        type __Subject = #subject;
        const _: () = {
            use #krate::__private::require_policy as __require;
            #[allow(unused_imports)]
            use #krate::__private::no_policy as #stand_in;
            const _: () = {
                #[allow(unused_imports)]
                use crate::*;
                #[automatically_derived]
                impl #krate::__private::UnderPolicy for __Subject {
                    type Policy = #policy;
                }
                #require
            };
        };
    }
}

fn names_a_type(path: &Path) -> bool {
    path.segments.last().is_some_and(|segment| {
        segment.ident.unraw().to_string().starts_with(|first: char| first.is_uppercase())
    })
}

/// The type that stands for the function in `Guard<f>`. Types and functions are separate
/// namespaces, so it has the function's own name.
fn expand_marker(function: &Function, inside: bool) -> TokenStream {
    let (name, marker) = (function.name(), function.marker());
    let visibility = (!inside).then_some(&function.visibility);
    let doc = format!("Stands for the function `{}` where a type names it.", name.unraw());
    // Where something else has the name already, the compiler says so at the function's name. It
    // stays an item of the macro, so that lints about types don't look at it.
    let span = Span::call_site().located_at(name.span());
    let item = quote_spanned!(span=> enum #marker {});
    quote! {
        #[doc = #doc]
        // That the function is never used is said of the function, once.
        #[allow(
            clippy::exhaustive_enums,
            dead_code,
            missing_debug_implementations,
            missing_copy_implementations,
            non_camel_case_types
        )]
        #visibility #item
    }
}

/// The implementation for the marker and the record in the registry.
fn expand_record(
    args: &Args,
    function: &Function,
    krate: &TokenStream,
    sincerity: Sincerity,
) -> TokenStream {
    let (name, marker) = (function.name(), function.marker());
    let policy = expand_policy(args.policy.get(), names::attribute_span(name), marker, krate);
    let (block, parts) = root(args, sincerity);
    let tree = Tree { krate, block, parts };
    let names = tree.expand_names();
    let judgement = expand_judgement(&tree);
    let requirement = tree.expand_requirement(args.access);
    let kind = Ident::new(
        match args.access {
            Access::Requires => "Requires",
            Access::Public => "Public",
            Access::Manual => "Manual",
        },
        Span::call_site(),
    );
    let id = function.id();
    let line = respan(quote!(::core::line!()), function.attribute_span());
    let reason = args.reason.get().map(syn::LitStr::value).unwrap_or_default();
    let doc = function.first_doc_line().map(|(line, _)| line).unwrap_or_default();
    let route = args.route.get().map(|route| quote!(.with_route(#krate::__private::MAKER, #route)));
    let permits = match (args.access, sincerity) {
        (Access::Public, _) => None,
        (_, Sincerity::Fallback) => Some(quote!(false)),
        (_, Sincerity::Checked) => Some(tree.expand_permits()),
    }
    .map(|check| {
        quote! {
            #[inline]
            fn permits(identity: &#krate::Identity<__Policy>) -> ::core::primitive::bool {
                let _ = identity;
                #check
            }
        }
    });
    // Where nothing was said about the policy, it is the attribute that chose it.
    let span = args.policy.get().map_or_else(|| names::attribute_span(name), |_| Span::call_site());
    let under = quote_spanned!(span=> type Policy = __Policy;);
    let implemented = if permits.is_some() { quote!(Guarded) } else { quote!(OpenToAll) };
    let proof = expand_proof(args, function, krate);
    let object = expand_object(args, function, krate, sincerity);
    let (shadow, with_shadow) = expand_shadow(args, &tree, sincerity).unzip();
    let with_object = object
        .as_ref()
        .map(|_| quote!(.with_object(#krate::__private::MAKER, <#name as #krate::object::ChecksObjects>::OBJECT)));
    let declared = args.route.get().map(syn::LitStr::value).unwrap_or_default();
    let record = Record::new(args.access, &reason, &declared, &doc)
        .expand(args.access, &tree.all_parts(), ObjectCheck::of(args), krate)
        // What a rule stands for is not known here.
        .filter(|_| shadow.is_none())
        .map(|encoded| quote!(, #encoded));
    let mention = function.within.as_ref().map(|within| expand_mention(within.attribute.path()));
    // A static so that the section's bytes, the registry and the trait speak of one record.
    // The path to the policy has the user's span, but is not the user's to shorten.
    quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            #policy
            type __Policy = <#marker as #krate::__private::UnderPolicy>::Policy;
            #mention
            #names
            #judgement
            static __FUNCTION: #krate::__private::Function =
                #krate::__private::Function::new::<__Policy>(
                    #krate::__private::MAKER,
                    #krate::__private::FunctionKind::#kind,
                    (::core::concat!(::core::module_path!(), #id), ::core::file!(), #line),
                    (#reason, #doc),
                    #requirement,
                )#route #with_object #with_shadow;
            #[automatically_derived]
            impl #krate::#implemented for #marker {
                #under
                const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
                const FUNCTION: &'static #krate::__private::Function = &__FUNCTION;
                #permits
                #shadow
            }
            #krate::__register! { function __FUNCTION #record }
            #proof
            #object
        };
    }
}

/// The rule whose denials are logged and not made: beside the check, and in the record.
fn expand_shadow(
    args: &Args,
    tree: &Tree<'_>,
    sincerity: Sincerity,
) -> Option<(TokenStream, TokenStream)> {
    let rule = args.shadow.get().filter(|_| sincerity == Sincerity::Checked)?;
    let krate = tree.krate;
    let (named, permits) = (tree.of_rule("NAMED", rule), tree.of_rule("permits", rule));
    let shadow = quote! {
        const SHADOW: ::core::option::Option<#krate::__private::Shadow<__Policy>> =
            ::core::option::Option::Some(#krate::__private::Shadow::new(#krate::__private::MAKER, #named, #permits));
    };
    Some((shadow, quote!(.with_shadow(#krate::__private::MAKER, #named))))
}

/// What the check looks at, of the block and of the function: nothing, where the attribute itself
/// says it all.
fn root(args: &Args, sincerity: Sincerity) -> (&[Part], &[Part]) {
    if sincerity == Sincerity::Fallback { (&[], &[]) } else { (&args.inherited, &args.parts) }
}

/// The proof of the names that a block asks for, and the verdict on what it asks for: once, not in
/// each of its functions.
pub(crate) fn expand_block(args: &Args, attribute: Span) -> Option<TokenStream> {
    let krate = &krate(args);
    let block = Ident::new("__Block", Span::call_site());
    let policy = expand_policy(args.policy.get(), attribute, &block, krate);
    let tree = Tree { krate, block: &args.inherited, parts: &args.parts };
    let names = tree.expand_names();
    let judgement = expand_judgement(&tree);
    (!args.parts.is_empty()).then(|| {
        quote! {
            #[allow(unused_qualifications)]
            const _: () = {
                enum #block {}
                #policy
                type __Policy = <#block as #krate::__private::UnderPolicy>::Policy;
                #names
                #judgement
            };
        }
    })
}

/// Uses an attribute that a block has read in place of the compiler: the import of its name is not
/// unused, and editors know what it is.
pub(crate) fn expand_mention(attribute: &Path) -> TokenStream {
    quote! {
        #[allow(unused_imports)]
        use #attribute as _;
    }
}

/// A declared proof must be of the type that only the check makes.
fn expand_proof(args: &Args, function: &Function, krate: &TokenStream) -> Option<TokenStream> {
    let (_, ty) = function.proof()?;
    let wanted = proof_type(args, function, krate);
    let proof = quote_spanned!(ty.span()=> proof);
    Some(quote! {
        #[allow(dead_code)]
        fn declared(proof: #ty) -> #wanted { #proof }
    })
}

fn proof_type(args: &Args, function: &Function, krate: &TokenStream) -> TokenStream {
    let name = function.name();
    if args.access == Access::Public {
        quote!(#krate::Open<#name>)
    } else {
        quote!(#krate::Guard<#name>)
    }
}

/// The function, taking proof in front.
fn expand_function(args: &Args, function: &Function, krate: &TokenStream) -> TokenStream {
    let mut signature = function.signature.clone();
    // A guard is passed on by value by design: it is used up by the call that it proves.
    let by_value = function.proof().map(|_| quote!(#[allow(clippy::needless_pass_by_value)]));
    // A public function is told apart by the router alone, and only async functions are handlers.
    let takes_proof = args.access != Access::Public || signature.asyncness.is_some();
    if takes_proof && function.proof().is_none() {
        let proof = proof_type(args, function, krate);
        signature.inputs.insert(0, syn::parse_quote!(_: #proof));
    }
    let function = Function { signature, ..function.clone() };
    quote!(#by_value #function)
}

/// The check at the head of a body that names where the identity comes from.
fn expand_check(args: &Args, function: &Function, krate: &TokenStream) -> TokenStream {
    let name = function.marker();
    if let Some(rpc) = function.rpc() {
        let request = &rpc.request;
        let check = respan(quote!(#krate::__private::tonic::check::<#name, _>), request.span());
        return quote_spanned!(request.span()=> #check(&#request));
    }
    let Some(identity) = args.identity.get() else {
        return TokenStream::new();
    };
    let span = identity.span();
    // The user's span throughout: an expression without an identity is reported where it stands.
    let carries = respan(quote!(#krate::__private::CarriesIdentity::identity), span);
    let simple =
        matches!(identity, Expr::Path(_) | Expr::Call(_) | Expr::MethodCall(_) | Expr::Field(_));
    let source = if simple {
        quote_spanned!(span=> #carries(&#identity))
    } else {
        quote_spanned!(span=> #carries(&(#identity)))
    };
    let check = respan(quote!(#krate::__private::check::<#name>), span);
    quote_spanned!(span=> #check(#source))
}

/// The same tokens, all of them at `span`.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                let mut inner =
                    proc_macro2::Group::new(group.delimiter(), respan(group.stream(), span));
                inner.set_span(span);
                return TokenTree::Group(inner);
            }
            // `$crate` says which crate by where it comes from.
            let is_crate = matches!(&token, TokenTree::Ident(ident) if ident == "$crate");
            token.set_span(if is_crate { token.span().located_at(span) } else { span });
            token
        })
        .collect()
}

/// The function with `prelude` evaluated before its body.
fn function_with_prelude(
    function: &Function,
    prelude: &TokenStream,
    args: &Args,
    krate: &TokenStream,
) -> TokenStream {
    let (inner_attributes, statements) = split_inner_attributes(function.body.stream());
    let prelude = if args.identity.get().is_some() || function.rpc().is_some() {
        let denied = Ident::new("denied", Span::mixed_site());
        let span = function.return_span();
        let refuse = respan(quote!(#krate::__private::Refuse::refuse), span);
        let refuse = quote_spanned!(span=> #refuse(#denied));
        quote! {
            if let ::core::result::Result::Err(#denied) = #prelude {
                return #refuse;
            }
        }
    } else {
        quote!(const _: () = #prelude;)
    };
    let mut body = proc_macro2::Group::new(
        proc_macro2::Delimiter::Brace,
        quote!(#inner_attributes #prelude #statements),
    );
    body.set_span(function.body.span());
    // The check borrows what the user hands in whole.
    let by_value = args
        .identity
        .get()
        .filter(|identity| function.takes_by_value(identity))
        .map(|_| quote!(#[allow(clippy::needless_pass_by_value)]));
    let function = Function { body, ..function.clone() };
    quote!(#by_value #function)
}

/// `#![…]` at the head of a body, and the rest.
fn split_inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let mut head = TokenStream::new();
    let mut rest = body.into_iter().peekable();
    loop {
        let mut ahead = rest.clone();
        match (ahead.next(), ahead.next(), ahead.next()) {
            (
                Some(TokenTree::Punct(pound)),
                Some(TokenTree::Punct(bang)),
                Some(TokenTree::Group(group)),
            ) if pound.as_char() == '#' && bang.as_char() == '!' => {
                head.extend([
                    TokenTree::Punct(pound),
                    TokenTree::Punct(bang),
                    TokenTree::Group(group),
                ]);
                rest = ahead;
            }
            _ => return (head, rest.collect()),
        }
    }
}
