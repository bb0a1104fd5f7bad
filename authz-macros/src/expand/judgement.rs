//! Prints what lets the compiler judge the meaning of a requirement: for each list of parts that
//! are all required, a verdict on each part, at the part.
//!
//! Nothing is printed where there is nothing to find. Names of different kinds are independent of
//! each other, so a list in which each kind stands once has neither contradictions nor idle parts.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

use super::requirement::Tree;
use super::respan;
use crate::requirement::{Part, PartKind};

/// Parts that are all required, those of `all` groups among them included.
struct List<'a> {
    place: Place,
    parts: Vec<&'a Part>,
    /// The number of the first name in it.
    first_name: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Inside,
    /// The parts of an `any_owner`, beside what the function requires.
    AnyOwner,
}

/// The verdicts on the requirement of `tree`.
pub(super) fn expand_judgement(tree: &Tree<'_>) -> TokenStream {
    expand_at(tree, Place::Root)
}

/// The verdicts on an `any_owner`; the block of `tree` is what its function requires.
pub(super) fn expand_judgement_beside(tree: &Tree<'_>) -> TokenStream {
    if tree.parts.is_empty() { TokenStream::new() } else { expand_at(tree, Place::AnyOwner) }
}

fn expand_at(tree: &Tree<'_>, place: Place) -> TokenStream {
    let mut lists = Vec::new();
    collect_list(tree.parts, place, &mut tree.count_block_names(), &mut lists);
    lists
        .iter()
        .filter(|list| list.is_worth_judging(tree.block))
        .enumerate()
        .map(|(number, list)| expand_list(tree, list, number))
        .collect()
}

fn expand_list(tree: &Tree<'_>, list: &List<'_>, number: usize) -> TokenStream {
    let krate = tree.krate;
    let judged = Ident::new(&format!("__JUDGED_{number}"), Span::call_site());
    let count = list.parts.len();
    let mut name = list.first_name;
    let data: Vec<_> = list.parts.iter().map(|part| tree.data(part, &mut name)).collect();
    let text = list.parts.iter().map(|part| part.text());
    let (place, block) = match list.place {
        Place::Root => (quote!(Root), tree.expand_block()),
        Place::Inside => (quote!(Inside), quote!(&[])),
        Place::AnyOwner => (quote!(AnyOwner), tree.expand_block()),
    };
    let kinds = list.kinds(tree.block);
    let worth = list.parts.iter().enumerate().filter(|(_, part)| kinds.may_touch(part));
    let accept = worth.map(|(position, part)| {
        respan(
            quote!(const _: () = #krate::__private::accept::<__Policy, #count>(&#judged, #position);),
            part.span(),
        )
    });
    quote! {
        const #judged: #krate::__private::Judged<#count> =
            #krate::__private::judge::<__Policy, #count>(
                #krate::__private::Place::#place, #block, [#(#data),*], [#(#text),*],
            );
        #(#accept)*
    }
}

/// Adds the list that `parts` make, and those inside of it.
fn collect_list<'a>(parts: &'a [Part], place: Place, name: &mut usize, lists: &mut Vec<List<'a>>) {
    let mut flat = Vec::new();
    flatten(parts, &mut flat);
    lists.push(List { place, parts: flat.clone(), first_name: *name });
    for part in flat {
        collect_inside(part, name, lists);
    }
}

fn flatten<'a>(parts: &'a [Part], flat: &mut Vec<&'a Part>) {
    for part in parts {
        match &part.kind {
            PartKind::All(inner) => flatten(inner, flat),
            _ => flat.push(part),
        }
    }
}

fn collect_inside<'a>(part: &'a Part, name: &mut usize, lists: &mut Vec<List<'a>>) {
    match &part.kind {
        PartKind::Role(_) | PartKind::Scope(_) => *name += 1,
        PartKind::All(inner) => collect_list(inner, Place::Inside, name, lists),
        PartKind::Any(inner) => {
            for part in inner {
                collect_inside(part, name, lists);
            }
        }
        PartKind::Not(inner) => collect_inside(inner, name, lists),
        _ => {}
    }
}

impl List<'_> {
    fn kinds(&self, block: &[Part]) -> Kinds {
        let block = if self.place == Place::Inside { &[] } else { block };
        let mut kinds = Kinds::default();
        for part in block.iter().chain(self.parts.iter().copied()) {
            kinds.count(part);
        }
        kinds
    }

    fn is_worth_judging(&self, block: &[Part]) -> bool {
        let block = if self.place == Place::Inside { &[] } else { block };
        let kinds = self.kinds(block);
        // Alternatives of plain names let somebody in, and not everybody. A rule may hold anything.
        let plain =
            block.is_empty() && self.parts.len() == 1 && kinds.groups == 0 && kinds.rules == 0;
        let idle = self.parts.is_empty() || plain;
        !idle && kinds.may_meet()
    }
}

/// How often each kind of name stands in a list.
#[derive(Default)]
struct Kinds {
    roles: usize,
    scopes: usize,
    classes: usize,
    ages: usize,
    factors: usize,
    bindings: usize,
    rules: usize,
    /// `all` and `not`.
    groups: usize,
}

impl Kinds {
    fn count(&mut self, part: &Part) {
        match &part.kind {
            PartKind::Role(_) => self.roles += 1,
            PartKind::Scope(_) => self.scopes += 1,
            PartKind::Acr(_) => self.classes += 1,
            PartKind::MaxAge(..) => self.ages += 1,
            PartKind::Mfa => self.factors += 1,
            PartKind::Bound => self.bindings += 1,
            PartKind::Rule(_) => self.rules += 1,
            PartKind::All(_) | PartKind::Not(_) => self.groups += 1,
            PartKind::Any(_) | PartKind::Authenticated | PartKind::Faulty => {}
        }
        for part in part.inner() {
            self.count(part);
        }
    }

    /// Whether anything can be found about a part: not where it is the only name of its kind.
    fn may_touch(&self, part: &Part) -> bool {
        self.rules > 0
            || match &part.kind {
                PartKind::Role(_) => self.roles > 1,
                PartKind::Scope(_) => self.scopes > 1,
                PartKind::Acr(_) => self.classes > 1,
                PartKind::MaxAge(..) => self.ages > 1,
                PartKind::Mfa => self.factors > 1,
                _ => true,
            }
    }

    /// Whether two names can have to do with each other. What a rule asks for is not known here.
    fn may_meet(&self) -> bool {
        let counts =
            [self.roles, self.scopes, self.classes, self.ages, self.factors, self.bindings];
        counts.iter().any(|count| *count > 1)
            || self.rules > 0 && self.rules + counts.iter().sum::<usize>() > 1
    }
}
