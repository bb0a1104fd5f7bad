//! actix's `#[get("/orders")]` below an access attribute, read as `route = "GET /orders"`.
//!
//! Left where it is, it would make a type of the function's own name, as the access attribute does,
//! and one that takes the function out of sight. So it is taken off, and what it says is kept.
//!
//! Absent on purpose: `guard`, `wrap`, `name` and several methods. Those are the business of a
//! resource, which takes the function without them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Ident, LitStr, Meta, Result};

use crate::args::Args;
use crate::diag::Errors;
use crate::item::{Function, name_span};
use crate::route::fault;

/// The attributes of actix that name one method.
const VERBS: &[&str] =
    &["get", "post", "put", "patch", "delete", "head", "options", "connect", "trace"];

/// Takes the attributes off and keeps the route that they say. What is returned mentions them, so
/// that their imports are used, and resolved.
pub(crate) fn read(args: &mut Args, function: &mut Function, errors: &mut Errors) -> TokenStream {
    let attributes = std::mem::take(&mut function.attributes);
    let (verbs, others): (Vec<_>, _) = attributes.into_iter().partition(|it| verb(it).is_some());
    function.attributes = others;
    if let [only] = &verbs[..] {
        if let Some(verb) = verb(only) {
            read_one(args, function, only, &verb, errors);
        }
    } else if let Some(second) = verbs.get(1) {
        errors.at(
            name_span(second),
            format!(
                "`{}` answers in one place by its attributes; for several of them put it on \
                 resources of `authz_core::actix::web`",
                function.name().unraw()
            ),
        );
    }
    let paths = verbs.iter().map(Attribute::path);
    quote!(#(const _: () = {
        #[allow(unused_imports)]
        use #paths as _;
    };)*)
}

fn read_one(
    args: &mut Args,
    function: &Function,
    attribute: &Attribute,
    verb: &Verb,
    errors: &mut Errors,
) {
    let Verb { word, path, rest } = verb;
    let method = word.to_string().to_uppercase();
    if *rest {
        errors.at(
            name_span(attribute),
            format!(
                "below an access attribute `#[{word}(...)]` says where `{}` answers and nothing \
                 else; put it on a resource of `authz_core::actix::web`, with what else it asks for",
                function.name().unraw()
            ),
        );
        return;
    }
    let route = LitStr::new(&format!("{method} {}", path.value()), path.span());
    if let Some(fault) = fault(&route.value()) {
        errors.at(path.span(), fault);
    } else if args.route.get().is_some() {
        errors.at(
            name_span(attribute),
            format!(
                "`#[{word}(...)]` and `route` both say where `{}` answers; keep one",
                function.name().unraw()
            ),
        );
    } else if let Err(error) = args.route.set(Ident::new("route", name_span(attribute)), route) {
        errors.push(error);
    }
}

/// `#[get("/orders")]`, and whether more than the path stands in it.
struct Verb {
    word: Ident,
    path: LitStr,
    rest: bool,
}

/// An attribute of this shape. Its path can't be resolved here; what looks like it and is another
/// framework's makes a type as well, and could not stand there either.
fn verb(attribute: &Attribute) -> Option<Verb> {
    let word = attribute.path().segments.last()?.ident.clone();
    let Meta::List(list) = &attribute.meta else { return None };
    let known = VERBS.iter().any(|verb| word == verb) || word == "route";
    let parser = |input: ParseStream<'_>| -> Result<(LitStr, bool)> {
        let path = input.parse()?;
        let rest = !input.is_empty();
        // Read to its end, whatever it is.
        input.parse::<TokenStream>()?;
        Ok((path, rest))
    };
    let (path, rest) = known.then(|| parser.parse2(list.tokens.clone()).ok())??;
    Some(Verb { word, path, rest })
}
