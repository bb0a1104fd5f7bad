//! What may carry an access attribute: a function with a body. The signature is parsed, the body
//! stays the tokens it is, so that half-typed code keeps working in editors.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Error, Expr, ExprLit, FnArg, GenericArgument, Ident, Lit, Meta, Pat, Path,
    PathArguments, Result, Signature, Token, Type, Visibility,
};

use crate::args::{self, Access};
use crate::diag::Errors;
use crate::names::attribute_span;

/// A function: signature parsed, body raw.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
    /// Where it stands, if the attribute of a block reads it.
    pub(crate) within: Option<Within>,
}

/// What is known of a function that is read as part of a block.
#[derive(Clone)]
pub(crate) struct Within {
    /// The type, and the trait if there is one, as they stand in an id; `None` in a module.
    pub(crate) owner: Option<String>,
    /// The function's own access attribute.
    pub(crate) attribute: Attribute,
    /// What is known of a method of a gRPC service.
    pub(crate) rpc: Option<Rpc>,
}

/// A method that a gRPC server calls with a request.
#[derive(Clone)]
pub(crate) struct Rpc {
    /// The parameter in whose extensions the identity is.
    pub(crate) request: Ident,
    /// The type that stands for the method, beside its block.
    pub(crate) marker: Ident,
}

/// Parses the item below the attribute.
pub(crate) fn parse(access: Access, item: TokenStream) -> Result<Function> {
    let parser = |input: ParseStream<'_>| parse_function(access, input);
    parser.parse2(item)
}

fn parse_function(access: Access, input: ParseStream<'_>) -> Result<Function> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    let defaultness: Option<Token![default]> = input.parse()?;
    reject_other_items(access, input)?;
    let signature: Signature = input.parse()?;
    let word = access.word();
    if input.peek(Token![;]) {
        return Err(Error::new(
            signature.ident.span(),
            format!(
                "`#[{word}]` guards a body, and `{}` has none here; put the attribute on the \
                 function in the `impl`",
                signature.ident
            ),
        ));
    }
    let body = parse_body(input)?;
    Ok(Function { attributes, visibility, defaultness, signature, body, within: None })
}

/// The compiler has parsed the function before: what stands here is its body. Where a macro of the
/// user handed it on, it is wrapped in a group without delimiters.
pub(crate) fn parse_body(input: ParseStream<'_>) -> Result<Group> {
    let mut body: TokenTree = input.parse()?;
    loop {
        match body {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                let inner = group.stream().into_iter().next();
                body = inner.unwrap_or_else(|| {
                    TokenTree::Group(Group::new(Delimiter::Brace, group.stream()))
                });
            }
            TokenTree::Group(group) => return Ok(group),
            other => return Err(Error::new(other.span(), "expected `{`")),
        }
    }
}

/// Says what the item is, where it is no function.
fn reject_other_items(access: Access, input: ParseStream<'_>) -> Result<()> {
    let fork = input.fork();
    let Ok(first) = fork.call(Ident::parse_any) else {
        return Ok(());
    };
    let mut keyword = first.to_string();
    if keyword == "unsafe" || keyword == "async" || keyword == "const" {
        // `const N: usize` and `unsafe impl` are no functions, `const fn` is one.
        match fork.call(Ident::parse_any).map(|second| second.to_string()) {
            Ok(second) if matches!(second.as_str(), "fn" | "async" | "unsafe" | "extern") => {
                return Ok(());
            }
            Ok(second) if keyword == "unsafe" => keyword = second,
            _ if keyword == "const" => {}
            _ => return Ok(()),
        }
    }
    let noun = match keyword.as_str() {
        "struct" | "enum" | "union" | "trait" | "const" | "static" => keyword.as_str(),
        // `#[requires]` on one went to `block`.
        "impl" | "mod" => return Err(Error::new(first.span(), one_by_one(access))),
        "type" => "type alias",
        "use" => "import",
        "macro_rules" => "macro",
        _ => return Ok(()),
    };
    let word = access.word();
    let article = if matches!(noun, "enum" | "import") { "an" } else { "a" };
    let guards = if access == Access::Requires {
        "functions, `impl` blocks and modules"
    } else {
        "functions"
    };
    Err(Error::new(
        first.span(),
        format!(
            "`#[{word}]` guards {guards}, and this is {article} {noun}; if an attribute above \
             made it out of a function, put `#[{word}]` above that attribute"
        ),
    ))
}

/// Why a block can't be opened as a whole.
pub(crate) fn one_by_one(access: Access) -> String {
    let word = access.word();
    format!(
        "`#[{word}]` opens one function at a time, so that each has its reason; write \
         `#[{word}(reason = \"...\")]` on the functions that it is meant for"
    )
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, visibility, defaultness, signature, body, .. } = self;
        tokens.extend(quote!(#(#attributes)* #visibility #defaultness #signature #body));
    }
}

impl Function {
    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    /// What is known of it as a method of a gRPC service.
    pub(crate) fn rpc(&self) -> Option<&Rpc> {
        self.within.as_ref()?.rpc.as_ref()
    }

    /// The type that stands for it.
    pub(crate) fn marker(&self) -> &Ident {
        self.rpc().map_or_else(|| self.name(), |rpc| &rpc.marker)
    }

    /// Whether it stands in an `impl` or a trait, as far as the signature tells: an associated
    /// function that says neither `self` nor `Self` looks like any other.
    pub(crate) fn is_method(&self) -> bool {
        match &self.within {
            Some(within) => within.owner.is_some(),
            None => mentions(self.signature.to_token_stream(), &["self", "Self"]),
        }
    }

    /// What follows the module's path in the function's id.
    pub(crate) fn id(&self) -> String {
        let name = self.name().unraw();
        match self.within.as_ref().and_then(|within| within.owner.as_ref()) {
            Some(owner) => format!("::{owner}::{name}"),
            None => format!("::{name}"),
        }
    }

    /// The place of its access attribute, for what has no token of its own.
    pub(crate) fn attribute_span(&self) -> Span {
        match &self.within {
            Some(within) => name_span(&within.attribute),
            None => attribute_span(self.name()),
        }
    }

    /// The conditions under which it is compiled, where the compiler has not judged them yet: in a
    /// block, whose attribute sees everything before that.
    pub(crate) fn conditions(&self) -> Vec<Meta> {
        self.attributes.iter().filter_map(|attribute| condition(&attribute.meta)).collect()
    }

    /// The parameter that takes the proof, and its position: one whose type has this function's
    /// own name as its only generic argument, as in `Guard<refund>`.
    ///
    /// That the type really is the guard is for the compiler to say: see `expand::proof`.
    pub(crate) fn proof(&self) -> Option<(usize, &Type)> {
        self.signature.inputs.iter().enumerate().find_map(|(position, parameter)| {
            let FnArg::Typed(parameter) = parameter else {
                return None;
            };
            names(&parameter.ty, self.name()).then_some((position, &*parameter.ty))
        })
    }

    /// Whether the body hands its guard on, as to `open`. That it is opened with is for the types to
    /// say; that it is only looked at (`guard.subject()`) shows here.
    pub(crate) fn hands_its_guard_on(&self) -> bool {
        let Some((position, _)) = self.proof() else { return false };
        let Some(FnArg::Typed(parameter)) = self.signature.inputs.get(position) else {
            return false;
        };
        let Pat::Ident(name) = &*parameter.pat else { return false };
        hands_on(self.body.stream(), &name.ident)
    }

    /// Whether the expression is a parameter that is taken by value.
    pub(crate) fn takes_by_value(&self, expression: &Expr) -> bool {
        let Expr::Path(path) = expression else { return false };
        self.signature.inputs.iter().any(|parameter| {
            let FnArg::Typed(parameter) = parameter else { return false };
            let Pat::Ident(name) = &*parameter.pat else { return false };
            path.path.is_ident(&name.ident) && !matches!(*parameter.ty, Type::Reference(_))
        })
    }

    /// Whether `async_trait` has made a function of futures out of it, which can't return a denial.
    pub(crate) fn is_rewritten(&self) -> bool {
        self.signature.generics.lifetimes().any(|it| it.lifetime.ident == "async_trait")
    }

    /// Another access attribute on the same function.
    pub(crate) fn other_access(&self) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| names_access(attribute))
    }

    /// Drops further access attributes, where their presence was already said to be a fault.
    pub(crate) fn remove_other_access(&mut self) {
        self.attributes.retain(|attribute| !names_access(attribute));
    }

    /// The first line of the documentation, and its place.
    pub(crate) fn first_doc_line(&self) -> Option<(String, Span)> {
        let mut texts = self.attributes.iter().filter_map(|attribute| {
            let Meta::NameValue(meta) = &attribute.meta else {
                return None;
            };
            let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &meta.value else {
                return None;
            };
            attribute.path().is_ident("doc").then(|| (text.value(), text.span()))
        });
        texts.find_map(|(text, span)| {
            let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
            Some((line.replace('\t', " "), span))
        })
    }

    /// The tokens at which to say that the return type can't carry a denial.
    pub(crate) fn return_span(&self) -> Span {
        match &self.signature.output {
            syn::ReturnType::Default => self.name().span(),
            syn::ReturnType::Type(_, ty) => ty.span(),
        }
    }
}

/// Whether the name stands in the tokens without a dot behind it.
fn hands_on(tokens: TokenStream, name: &Ident) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Ident(ident) if ident == *name => {
                !matches!(tokens.peek(), Some(TokenTree::Punct(dot)) if dot.as_char() == '.')
            }
            TokenTree::Group(group) => hands_on(group.stream(), name),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Whether one of the words is an identifier in the tokens, at any depth.
pub(crate) fn mentions(tokens: TokenStream, words: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word),
        TokenTree::Group(group) => mentions(group.stream(), words),
        _ => false,
    })
}

/// Whether it is one of ours, as far as can be told without resolving its path: under its own name,
/// or what it says reads as ours. `contracts::requires(n > 0)` is another crate's.
fn names_access(attribute: &Attribute) -> bool {
    let Some(access) = access_of(attribute.path()) else { return false };
    let mut segments = attribute.path().segments.iter().rev().skip(1);
    segments.next().is_none_or(|parent| parent.ident == "authz_core")
        || reads_as_ours(access, &attribute.meta)
}

fn reads_as_ours(access: Access, meta: &Meta) -> bool {
    let Meta::List(list) = meta else { return true };
    let mut errors = Errors::new();
    args::parse(access, list.tokens.clone(), &mut errors);
    errors.finish().is_ok()
}

/// The place of an attribute's name.
pub(crate) fn name_span(attribute: &Attribute) -> Span {
    let last = attribute.path().segments.last();
    last.map_or_else(|| attribute.path().span(), |segment| segment.ident.span())
}

/// The access attribute of this name. A path can't be resolved here, so that in a block one of
/// another crate is taken for ours: never the other way round.
pub(crate) fn access_of(path: &Path) -> Option<Access> {
    match path.segments.last()?.ident.to_string().as_str() {
        "requires" => Some(Access::Requires),
        "public" => Some(Access::Public),
        "manual" => Some(Access::Manual),
        _ => None,
    }
}

/// Of an attribute, what decides whether its item is compiled.
pub(crate) fn condition(meta: &Meta) -> Option<Meta> {
    if meta.path().is_ident("cfg") {
        return Some(meta.clone());
    }
    let (predicate, attributes) = conditional(meta)?;
    let conditions: Vec<Meta> = attributes.iter().filter_map(condition).collect();
    (!conditions.is_empty()).then(|| syn::parse_quote!(cfg_attr(#predicate, #(#conditions),*)))
}

/// The predicate of a `cfg_attr` and the attributes that depend on it.
pub(crate) fn conditional(meta: &Meta) -> Option<(Meta, Vec<Meta>)> {
    if !meta.path().is_ident("cfg_attr") {
        return None;
    }
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    let mut metas = parser.parse2(meta.require_list().ok()?.tokens.clone()).ok()?.into_iter();
    Some((metas.next()?, metas.collect()))
}

fn names(ty: &Type, function: &Ident) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    let mut arguments = arguments.args.iter();
    let (Some(GenericArgument::Type(Type::Path(only))), None) =
        (arguments.next(), arguments.next())
    else {
        return false;
    };
    only.path.segments.last().is_some_and(|segment| {
        segment.arguments.is_none() && segment.ident.unraw() == function.unraw()
    })
}
