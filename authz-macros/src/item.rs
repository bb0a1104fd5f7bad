//! What may carry an access attribute: a function with a body. The signature is parsed, the body
//! stays the tokens it is, so that half-typed code keeps working in editors.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Error, Expr, ExprLit, FnArg, GenericArgument, Ident, Lit, Meta, Pat, PathArguments,
    Result, Signature, Token, Type, Visibility,
};

use crate::args::Access;

/// A function: signature parsed, body raw.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
}

/// Parses the item below the attribute.
pub(crate) fn parse(access: Access, item: TokenStream) -> Result<Function> {
    let parser = |input: ParseStream<'_>| parse_function(access, input);
    parser.parse2(item)
}

fn parse_function(access: Access, input: ParseStream<'_>) -> Result<Function> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
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
    Ok(Function { attributes, visibility, signature, body })
}

/// The compiler has parsed the function before: what stands here is its body. Where a macro of the
/// user handed it on, it is wrapped in a group without delimiters.
fn parse_body(input: ParseStream<'_>) -> Result<Group> {
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
        "impl" => "impl block",
        "mod" => "module",
        "type" => "type alias",
        "use" => "import",
        "macro_rules" => "macro",
        _ => return Ok(()),
    };
    let article = if matches!(noun, "enum" | "impl block" | "import") { "an" } else { "a" };
    let word = access.word();
    Err(Error::new(
        first.span(),
        format!(
            "`#[{word}]` guards functions, and this is {article} {noun}; if an attribute above \
             made it out of a function, put `#[{word}]` above that attribute"
        ),
    ))
}

impl Function {
    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    /// Whether it stands in an `impl` or a trait, as far as the signature tells: an associated
    /// function that says neither `self` nor `Self` looks like any other.
    pub(crate) fn is_method(&self) -> bool {
        mentions_self(self.signature.to_token_stream())
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

    /// Whether the expression is a parameter that is taken by value.
    pub(crate) fn takes_by_value(&self, expression: &Expr) -> bool {
        let Expr::Path(path) = expression else { return false };
        self.signature.inputs.iter().any(|parameter| {
            let FnArg::Typed(parameter) = parameter else { return false };
            let Pat::Ident(name) = &*parameter.pat else { return false };
            path.path.is_ident(&name.ident) && !matches!(*parameter.ty, Type::Reference(_))
        })
    }

    /// Another access attribute on the same function.
    pub(crate) fn other_access(&self) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| names_access(attribute))
    }

    /// Drops further access attributes, where their presence was already said to be a fault.
    pub(crate) fn remove_other_access(&mut self) {
        self.attributes.retain(|attribute| !names_access(attribute));
    }

    /// The first line of the documentation.
    pub(crate) fn first_doc_line(&self) -> String {
        let texts = self.attributes.iter().filter_map(|attribute| {
            let Meta::NameValue(meta) = &attribute.meta else {
                return None;
            };
            let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &meta.value else {
                return None;
            };
            attribute.path().is_ident("doc").then(|| text.value())
        });
        texts
            .flat_map(|text| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
            .find(|line| !line.is_empty())
            .unwrap_or_default()
    }

    /// The tokens at which to say that the return type can't carry a denial.
    pub(crate) fn return_span(&self) -> proc_macro2::Span {
        match &self.signature.output {
            syn::ReturnType::Default => self.name().span(),
            syn::ReturnType::Type(_, ty) => ty.span(),
        }
    }
}

fn mentions_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "self" || ident == "Self",
        TokenTree::Group(group) => mentions_self(group.stream()),
        _ => false,
    })
}

fn names_access(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| {
        matches!(segment.ident.to_string().as_str(), "requires" | "public" | "manual")
    })
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
