//! Prints a block that `check` let pass: what stood in it, each function with its check.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens as _, quote};

use super::parse::{Block, Entry, Kind, Member};
use super::service;
use crate::expand;
use crate::item;

/// The block, and beside it the proof of the names it asks for: once, not in each function.
pub(super) fn expand(block: &Block) -> TokenStream {
    let Block { attributes, head, inner_attributes, .. } = block;
    let names = expand_names(block);
    let entries = block.entries.iter().map(expand_entry);
    // Names are looked up where the functions stand, and the attribute where it stands itself.
    let (inside, names) = match block.kind {
        Kind::Module => (names, None),
        Kind::Impl | Kind::Trait => (None, names),
    };
    let beside = [expand_attribute(block), names].into_iter().flatten();
    let conditions: Vec<_> = attributes.iter().filter_map(|it| item::condition(&it.meta)).collect();
    let beside = beside.map(|piece| quote!(#(#[#conditions])* #piece));
    let mut body = Group::new(Delimiter::Brace, quote!(#(#inner_attributes)* #(#entries)* #inside));
    body.set_span(block.braces);
    let attributes = attributes.iter().filter(|it| item::access_of(it.path()).is_none());
    let mut item = quote!(#(#attributes)* #head #body);
    if service::is_one(&block.args, block.kind) {
        item = service::expand(block, &item);
    }
    quote!(#item #(#beside)*)
}

fn expand_entry(entry: &Entry) -> TokenStream {
    match entry {
        Entry::Function(member) => expand_member(member),
        Entry::Block(inner) => expand(inner),
        Entry::Other(tokens) | Entry::Unseen(_, _, tokens) => tokens.clone(),
    }
}

fn expand_member(member: &Member) -> TokenStream {
    let Member { function, args, mentions, faulty } = member;
    let expanded = match args {
        None => function.to_token_stream(),
        Some(args) if *faulty => expand::expand_fallback(args, function),
        Some(args) => expand::expand(args, function),
    };
    quote!(#expanded #mentions)
}

fn expand_names(block: &Block) -> Option<TokenStream> {
    if block.faulty { None } else { expand::expand_block(&block.args, block.attribute_span()) }
}

fn expand_attribute(block: &Block) -> Option<TokenStream> {
    let mention = expand::expand_mention(block.attribute.as_ref()?.path());
    Some(quote!(const _: () = { #mention };))
}

impl Block {
    /// The place of the access attribute, for what has no token of its own.
    pub(super) fn attribute_span(&self) -> Span {
        match &self.attribute {
            Some(attribute) => item::name_span(attribute),
            None => Span::call_site().resolved_at(self.keyword),
        }
    }
}
