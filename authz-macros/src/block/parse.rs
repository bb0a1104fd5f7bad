//! Reads a block: its head, and what is in it, each with the access attribute it carries. Bodies of
//! functions stay the tokens they are.
//!
//! What can't be read is an entry too, for `check` to refuse: nothing in a block is passed over.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{
    Attribute, Error, Generics, Ident, ImplItem, Item, ItemImpl, LitStr, Meta, Path, Result,
    Signature, Token, TraitItem, Type, Visibility,
};

use super::inside::{self, Hidden};
use crate::args::{self, Access, Args};
use crate::diag::Errors;
use crate::item::{self, Function, Within};
use crate::names::compact;

/// An `impl`, a module, or a trait that stands in a module.
pub(super) struct Block {
    pub(super) kind: Kind,
    /// The access attribute, where it is read here and not by the compiler.
    pub(super) attribute: Option<Attribute>,
    pub(super) args: Args,
    pub(super) attributes: Vec<Attribute>,
    /// Everything between the attributes and the braces.
    pub(super) head: TokenStream,
    /// The word `impl`, `mod` or `trait`.
    pub(super) keyword: Span,
    /// What is implemented, where that is a trait.
    pub(super) implementation: Option<Implementation>,
    pub(super) braces: Span,
    pub(super) inner_attributes: Vec<Attribute>,
    pub(super) entries: Vec<Entry>,
    /// Whether a fault of its attribute is noted.
    pub(super) faulty: bool,
}

/// `impl<…> interface for implementor`.
pub(super) struct Implementation {
    pub(super) generics: Generics,
    pub(super) interface: Path,
    pub(super) implementor: Type,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Impl,
    Module,
    Trait,
}

pub(super) enum Entry {
    Function(Box<Member>),
    Block(Box<Block>),
    /// No function: a type, a constant, an import, a method without a body.
    Other(TokenStream),
    /// What may hold functions and can't be looked into.
    Unseen(Span, Unseen, TokenStream),
}

/// A function of the block.
pub(super) struct Member {
    pub(super) function: Function,
    /// What its access attribute says; `None` where it says nothing.
    pub(super) args: Option<Args>,
    /// What keeps the imports of attributes in use that were taken off it.
    pub(super) mentions: TokenStream,
    /// Whether a fault of it is noted.
    pub(super) faulty: bool,
}

/// Why something can't be looked into.
#[derive(Clone)]
pub(super) enum Unseen {
    Macro(String),
    /// A function or an implementation inside an expression, by its keyword.
    Inside(String),
    Foreign,
    File(Ident),
    Syntax,
}

/// Whether the item is an `impl` or a module.
pub(crate) fn is_block(item: &TokenStream) -> bool {
    let parser = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let found = keyword(input);
        input.parse::<TokenStream>()?;
        Ok(matches!(found, Some((Keyword::Impl | Keyword::Module, _))))
    };
    parser.parse2(unwrapped(item.clone())).unwrap_or(false)
}

/// Reads the block below the attribute whose arguments are `args`.
pub(super) fn parse(
    args: Args,
    faulty: bool,
    item: TokenStream,
    errors: &mut Errors,
) -> Result<Block> {
    let parser = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        let head = parse_head(input)?;
        parse_block(Outside { attribute: None, args, faulty, attributes }, head, errors)
    };
    parser.parse2(unwrapped(item))
}

/// The item itself, where a macro of the user hands it on in a group without delimiters.
fn unwrapped(item: TokenStream) -> TokenStream {
    let mut tokens = item.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            unwrapped(group.stream())
        }
        _ => item,
    }
}

/// What stands above the head of a block.
struct Outside {
    attribute: Option<Attribute>,
    args: Args,
    faulty: bool,
    attributes: Vec<Attribute>,
}

/// Everything up to the braces, and these; or up to a semicolon.
struct Head {
    tokens: TokenStream,
    keyword: Keyword,
    span: Span,
    body: Option<Group>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    Function,
    Impl,
    Module,
    Trait,
}

/// The word that says what comes, behind all that may stand in front of it.
fn keyword(input: ParseStream<'_>) -> Option<(Keyword, Span)> {
    let ahead = input.fork();
    loop {
        let word = ahead.call(Ident::parse_any).ok()?;
        let keyword = match word.to_string().as_str() {
            "fn" => Keyword::Function,
            "impl" => Keyword::Impl,
            "mod" => Keyword::Module,
            "trait" => Keyword::Trait,
            "async" | "auto" | "const" | "default" | "extern" | "safe" | "unsafe" => {
                if ahead.peek(LitStr) {
                    ahead.parse::<LitStr>().ok()?;
                }
                continue;
            }
            _ => return None,
        };
        return Some((keyword, word.span()));
    }
}

fn parse_head(input: ParseStream<'_>) -> Result<Head> {
    let visibility: Visibility = input.parse()?;
    let mut tokens = visibility.into_token_stream();
    let Some((keyword, span)) = keyword(input) else {
        return Err(input.error("expected a block"));
    };
    // Braces also stand in the arguments of a type: `Table<{ 3 }>`.
    let mut depth = 0_usize;
    let mut arrow = false;
    loop {
        let token: TokenTree = input.parse()?;
        match &token {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace && depth == 0 => {
                return Ok(Head { tokens, keyword, span, body: Some(body.clone()) });
            }
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    '<' => depth += 1,
                    '>' if !arrow => depth = depth.saturating_sub(1),
                    ';' if depth == 0 => {
                        tokens.extend([token]);
                        return Ok(Head { tokens, keyword, span, body: None });
                    }
                    _ => {}
                }
                arrow = punct.as_char() == '-';
            }
            _ => arrow = false,
        }
        tokens.extend([token]);
    }
}

fn parse_block(outside: Outside, head: Head, errors: &mut Errors) -> Result<Block> {
    let Outside { attribute, args, faulty, attributes } = outside;
    let Head { tokens: head, keyword, span, body } = head;
    let Some(body) = body else {
        return Err(Error::new(
            span,
            "the file of this module can't be seen from here; write the module in place, or write \
             `#[requires(...)]` on the functions in the file",
        ));
    };
    let mut implementation = None;
    let (kind, owner) = match keyword {
        Keyword::Module | Keyword::Function => (Kind::Module, None),
        Keyword::Impl => {
            let block: ItemImpl = syn::parse2(quote!(#head {}))?;
            let owner = owner_of(&block);
            implementation = implementation_of(block);
            (Kind::Impl, Some(owner))
        }
        Keyword::Trait => (Kind::Trait, Some(parse_trait(&head)?)),
    };
    let mut inner_attributes = Vec::new();
    let mut entries = Vec::new();
    let place = Place { kind, owner: owner.as_deref() };
    let parser = |input: ParseStream<'_>| {
        inner_attributes = input.call(Attribute::parse_inner)?;
        place.parse_entries(input, &mut entries, errors)
    };
    parser.parse2(body.stream())?;
    Ok(Block {
        kind,
        attribute,
        args,
        attributes,
        head,
        keyword: span,
        implementation,
        braces: body.span(),
        inner_attributes,
        entries,
        faulty,
    })
}

/// `Desk<Order>`, and `Desk<Order>::Refunds` where a trait is implemented.
fn owner_of(block: &ItemImpl) -> String {
    let owner = compact(block.self_ty.to_token_stream());
    match &block.trait_ {
        Some((path, _)) => format!("{owner}::{}", compact(path.to_token_stream())),
        None => owner,
    }
}

fn implementation_of(block: ItemImpl) -> Option<Implementation> {
    let ItemImpl { generics, trait_, self_ty, .. } = block;
    let (interface, _) = trait_?;
    Some(Implementation { generics, interface, implementor: *self_ty })
}

fn parse_trait(head: &TokenStream) -> Result<String> {
    let definition: syn::ItemTrait = syn::parse2(quote!(#head {}))?;
    Ok(definition.ident.unraw().to_string())
}

/// Between which braces entries are read.
#[derive(Clone, Copy)]
struct Place<'a> {
    kind: Kind,
    owner: Option<&'a str>,
}

impl Place<'_> {
    fn parse_entries(
        self,
        input: ParseStream<'_>,
        entries: &mut Vec<Entry>,
        errors: &mut Errors,
    ) -> Result<()> {
        while !input.is_empty() {
            let ahead = input.fork();
            let attributes = ahead.call(Attribute::parse_outer)?;
            if let Some(items) = macro_argument(&ahead) {
                // `$item` of the user's macro: what is in it stands here.
                input.call(Attribute::parse_outer)?;
                input.parse::<TokenTree>()?;
                let parser = |input: ParseStream<'_>| self.parse_entries(input, entries, errors);
                parser.parse2(quote!(#(#attributes)* #items))?;
                continue;
            }
            ahead.parse::<Visibility>()?;
            entries.push(self.parse_entry(keyword(&ahead), input, errors)?);
        }
        Ok(())
    }

    fn parse_entry(
        self,
        keyword: Option<(Keyword, Span)>,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> Result<Entry> {
        match keyword {
            Some((Keyword::Function, _)) => self.parse_function(input, errors),
            Some((Keyword::Impl | Keyword::Module | Keyword::Trait, _)) => {
                parse_inner_block(input, errors)
            }
            None => match self.kind {
                Kind::Impl => input.parse().map(|item| sort_impl_item(&item)),
                Kind::Trait => input.parse().map(|item| sort_trait_item(&item)),
                Kind::Module => input.parse().map(|item| sort_item(&item)),
            },
        }
    }

    fn parse_function(self, input: ParseStream<'_>, errors: &mut Errors) -> Result<Entry> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        let defaultness: Option<Token![default]> = input.parse()?;
        let signature: Signature = input.parse()?;
        if let Some(end) = input.parse::<Option<Token![;]>>()? {
            // Nothing to guard here: whoever implements it writes the body.
            let declaration = quote!(#(#attributes)* #visibility #defaultness #signature #end);
            return Ok(looked_into(declaration));
        }
        let body = item::parse_body(input)?;
        let mut member = Errors::new();
        let access = take_access(&mut attributes);
        let args = access.as_ref().map(|access| parse_access(access, &mut member));
        let owner = self.owner.map(str::to_owned);
        let within = access.map(|attribute| Within { owner, attribute, rpc: None });
        let function = Function { attributes, visibility, defaultness, signature, body, within };
        let faulty = errors.absorb(member);
        Ok(Entry::Function(Box::new(Member {
            function,
            args,
            mentions: TokenStream::new(),
            faulty,
        })))
    }
}

/// The items of an argument of a `macro_rules!` macro, which stand in a group without delimiters.
/// A visibility may stand in one too, and is no item.
fn macro_argument(input: ParseStream<'_>) -> Option<TokenStream> {
    if !input.peek(syn::token::Group) {
        return None;
    }
    match input.fork().parse::<TokenTree>().ok()? {
        TokenTree::Group(group) if syn::parse2::<Visibility>(group.stream()).is_err() => {
            Some(group.stream())
        }
        _ => None,
    }
}

fn parse_inner_block(input: ParseStream<'_>, errors: &mut Errors) -> Result<Entry> {
    let mut attributes = input.call(Attribute::parse_outer)?;
    let attribute = take_access(&mut attributes);
    let head = parse_head(input)?;
    let Some(body) = &head.body else {
        let Head { tokens, span, .. } = head;
        let whole = quote!(#attribute #(#attributes)* #tokens);
        let name = tokens.into_iter().filter_map(identifier).last();
        let why = name.map_or(Unseen::Syntax, Unseen::File);
        return Ok(Entry::Unseen(span, why, whole));
    };
    if attribute.is_none() && attributes.iter().any(is_test) {
        let head = &head.tokens;
        return Ok(Entry::Other(quote!(#(#attributes)* #head #body)));
    }
    let mut own = Errors::new();
    let args = attribute
        .as_ref()
        .map_or_else(|| Args::new(Access::Requires), |it| parse_access(it, &mut own));
    let faulty = errors.absorb(own);
    let outside = Outside { attribute, args, faulty, attributes };
    Ok(Entry::Block(Box::new(parse_block(outside, head, errors)?)))
}

fn identifier(token: TokenTree) -> Option<Ident> {
    if let TokenTree::Ident(name) = token { Some(name) } else { None }
}

/// Takes the first access attribute off an item.
fn take_access(attributes: &mut Vec<Attribute>) -> Option<Attribute> {
    let position = attributes.iter().position(|it| item::access_of(it.path()).is_some())?;
    Some(attributes.remove(position))
}

fn parse_access(attribute: &Attribute, errors: &mut Errors) -> Args {
    let access = item::access_of(attribute.path()).unwrap_or(Access::Requires);
    match &attribute.meta {
        Meta::Path(_) => Args::new(access),
        Meta::List(list) => args::parse(access, list.tokens.clone(), errors),
        Meta::NameValue(meta) => {
            let word = access.word();
            errors.at(
                meta.eq_token.span,
                format!("`#[{word}]` takes what it says in parentheses: `#[{word}(...)]`"),
            );
            Args::new(access)
        }
    }
}

/// Whether the item is there in tests only, where nobody comes from outside.
pub(super) fn is_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
}

fn sort_impl_item(item: &ImplItem) -> Entry {
    match item {
        ImplItem::Const(it) if it.attrs.iter().any(is_test) => Entry::Other(it.to_token_stream()),
        ImplItem::Const(_) | ImplItem::Type(_) => looked_into(item.to_token_stream()),
        ImplItem::Macro(it) => unseen_macro(&it.attrs, &it.mac, item.to_token_stream()),
        _ => unreadable(item.to_token_stream()),
    }
}

fn sort_trait_item(item: &TraitItem) -> Entry {
    match item {
        TraitItem::Const(_) | TraitItem::Type(_) => looked_into(item.to_token_stream()),
        TraitItem::Macro(it) => unseen_macro(&it.attrs, &it.mac, item.to_token_stream()),
        _ => unreadable(item.to_token_stream()),
    }
}

fn sort_item(item: &Item) -> Entry {
    let tokens = item.to_token_stream();
    match item {
        Item::Const(it) if it.attrs.iter().any(is_test) => Entry::Other(tokens),
        Item::Const(_)
        | Item::Enum(_)
        | Item::ExternCrate(_)
        | Item::Static(_)
        | Item::Struct(_)
        | Item::TraitAlias(_)
        | Item::Type(_)
        | Item::Union(_)
        | Item::Use(_) => looked_into(tokens),
        // A definition, of which nothing is made yet.
        Item::Macro(it) if it.mac.path.is_ident("macro_rules") => Entry::Other(tokens),
        Item::Macro(it) => unseen_macro(&it.attrs, &it.mac, tokens),
        Item::ForeignMod(it) => Entry::Unseen(it.abi.extern_token.span, Unseen::Foreign, tokens),
        _ => unreadable(tokens),
    }
}

fn unseen_macro(attributes: &[Attribute], call: &syn::Macro, tokens: TokenStream) -> Entry {
    if attributes.iter().any(is_test) {
        return Entry::Other(tokens);
    }
    let name = call.path.segments.last();
    let span = name.map_or_else(Span::call_site, |segment| segment.ident.span());
    let name = compact(call.path.to_token_stream());
    Entry::Unseen(span, Unseen::Macro(name), tokens)
}

/// An item that is no function, unless there is one in its expressions.
fn looked_into(tokens: TokenStream) -> Entry {
    match inside::in_expressions(&tokens) {
        None => Entry::Other(tokens),
        Some(Hidden::Item(word)) => {
            Entry::Unseen(word.span(), Unseen::Inside(word.to_string()), tokens)
        }
        Some(Hidden::Macro(span, name)) => Entry::Unseen(span, Unseen::Macro(name), tokens),
    }
}

fn unreadable(tokens: TokenStream) -> Entry {
    let span = tokens.clone().into_iter().next().map_or_else(Span::call_site, |it| it.span());
    Entry::Unseen(span, Unseen::Syntax, tokens)
}
