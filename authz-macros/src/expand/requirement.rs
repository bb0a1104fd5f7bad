//! Prints one requirement: its names as constants, the tree as const data and as the compiled check.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Path};

use super::respan;
use crate::args::Access;
use crate::names;
use crate::requirement::{Name, Part, PartKind};

/// A requirement: what the block around a function asks for, then what its own attribute adds.
/// Names are numbered in the order in which they stand.
pub(super) struct Tree<'a> {
    pub(super) krate: &'a TokenStream,
    pub(super) block: &'a [Part],
    pub(super) parts: &'a [Part],
}

impl Tree<'_> {
    /// Two constants for each name: its index, and the proof that there is one. Only the second
    /// fails for a name outside the vocabulary, so that nothing else fails because of it. The names
    /// of the block are proven beside the block.
    pub(super) fn expand_names(&self) -> TokenStream {
        let mut names = Vec::new();
        collect_names(self.block, &mut names);
        collect_names(self.parts, &mut names);
        let proven = self.count_block_names();
        let constants = names.iter().enumerate().map(|(number, (kind, name))| {
            expand_name(self.krate, &constant(number), *kind, name, number >= proven)
        });
        quote!(#(#constants)*)
    }

    pub(super) fn count_block_names(&self) -> usize {
        let mut names = Vec::new();
        collect_names(self.block, &mut names);
        names.len()
    }

    /// What the block requires, as a slice of const data.
    pub(super) fn expand_block(&self) -> TokenStream {
        let mut number = 0;
        let parts = self.block.iter().map(|part| self.data(part, &mut number));
        quote!(&[#(#parts),*])
    }

    pub(super) fn all_parts(&self) -> Vec<&Part> {
        self.block.iter().chain(self.parts).collect()
    }

    /// The requirement as const data.
    pub(super) fn expand_requirement(&self, access: Access) -> TokenStream {
        let krate = self.krate;
        match (access, self.all_parts().as_slice()) {
            (Access::Public, _) => quote!(#krate::__private::Requirement::Anyone),
            (Access::Manual, _) | (_, []) => {
                quote!(#krate::__private::Requirement::Authenticated)
            }
            (Access::Requires, [only]) => self.data(only, &mut 0),
            (Access::Requires, parts) => self.data_group("All", parts, &mut 0),
        }
    }

    pub(super) fn data(&self, part: &Part, number: &mut usize) -> TokenStream {
        let krate = self.krate;
        let requirement = quote!(#krate::__private::Requirement);
        match &part.kind {
            PartKind::Role(_) => {
                let constant = next(number);
                quote!(#requirement::Role(#krate::__private::Name::role::<__Policy>(#constant)))
            }
            PartKind::Scope(_) => {
                let constant = next(number);
                quote!(#requirement::Scope(#krate::__private::Name::scope::<__Policy>(#constant)))
            }
            PartKind::Authenticated | PartKind::Faulty => quote!(#requirement::Authenticated),
            PartKind::Mfa => quote!(#requirement::Mfa),
            PartKind::Acr(class) => {
                let class = class.value();
                quote!(#requirement::Acr(#class))
            }
            PartKind::MaxAge(_, seconds) => quote!(#requirement::MaxAge(#seconds)),
            PartKind::All(parts) => self.data_group("All", &refs(parts), number),
            PartKind::Any(parts) => self.data_group("Any", &refs(parts), number),
            PartKind::Not(part) => {
                let part = self.data(part, number);
                quote!(#requirement::Not(&#part))
            }
            PartKind::Rule(path) => {
                let named = self.of_rule("NAMED", path);
                quote!(#requirement::Rule(#named))
            }
        }
    }

    /// An item of a rule, at the user's path: a type that is none is one error, and there.
    fn of_rule(&self, item: &str, path: &Path) -> TokenStream {
        let krate = self.krate;
        let span = path.span();
        let item = Ident::new(item, span);
        let rule = respan(quote!(#krate::Rule::<__Policy>), span);
        quote_spanned!(span=> <#path as #rule>::#item)
    }

    fn data_group(&self, group: &str, parts: &[&Part], number: &mut usize) -> TokenStream {
        let krate = self.krate;
        let group = Ident::new(group, Span::call_site());
        let parts: Vec<_> = parts.iter().map(|part| self.data(part, number)).collect();
        quote!(#krate::__private::Requirement::#group(&[#(#parts),*]))
    }

    /// The requirement as code. Every node is in parentheses of its own, so that no neighbour can
    /// regroup it.
    pub(super) fn expand_permits(&self) -> TokenStream {
        match self.all_parts().as_slice() {
            [] => quote!(true),
            parts => self.code_group(&quote!(&&), parts, &mut 0),
        }
    }

    fn code(&self, part: &Part, number: &mut usize) -> TokenStream {
        let krate = self.krate;
        match &part.kind {
            PartKind::Role(_) => {
                let constant = next(number);
                quote!(#krate::__private::has_role(identity, #constant))
            }
            PartKind::Scope(_) => {
                let constant = next(number);
                quote!(#krate::__private::has_scope(identity, #constant))
            }
            PartKind::Authenticated => quote!(true),
            PartKind::Faulty => quote!(false),
            PartKind::Mfa => quote!(#krate::Identity::mfa(identity)),
            PartKind::Acr(class) => {
                let class = class.value();
                quote!(#krate::__private::has_acr(identity, #class))
            }
            PartKind::MaxAge(_, seconds) => {
                quote!(#krate::Identity::authenticated_within(identity, #seconds))
            }
            PartKind::All(parts) => self.code_group(&quote!(&&), &refs(parts), number),
            PartKind::Any(parts) => self.code_group(&quote!(||), &refs(parts), number),
            PartKind::Rule(path) => {
                let permits = self.of_rule("permits", path);
                quote!(#permits(identity))
            }
            PartKind::Not(part) => {
                let part = self.code(part, number);
                quote!(!#part)
            }
        }
    }

    fn code_group(
        &self,
        operator: &TokenStream,
        parts: &[&Part],
        number: &mut usize,
    ) -> TokenStream {
        let mut code = parts.iter().map(|part| self.code(part, number));
        let Some(first) = code.next() else {
            return quote!(false);
        };
        let rest: Vec<_> = code.collect();
        if rest.is_empty() { first } else { quote!((#first #(#operator #rest)*)) }
    }
}

#[derive(Clone, Copy)]
enum NameKind {
    Role,
    Scope,
}

fn refs(parts: &[Part]) -> Vec<&Part> {
    parts.iter().collect()
}

fn collect_names<'a>(parts: &'a [Part], names: &mut Vec<(NameKind, &'a Name)>) {
    for part in parts {
        match &part.kind {
            PartKind::Role(name) => names.push((NameKind::Role, name)),
            PartKind::Scope(name) => names.push((NameKind::Scope, name)),
            PartKind::All(inner) | PartKind::Any(inner) => collect_names(inner, names),
            PartKind::Not(inner) => collect_names(std::slice::from_ref(inner), names),
            _ => {}
        }
    }
}

fn expand_name(
    krate: &TokenStream,
    constant: &Ident,
    kind: NameKind,
    name: &Name,
    to_prove: bool,
) -> TokenStream {
    match name {
        Name::Wire(literal) => {
            let (find, known) = match kind {
                NameKind::Role => (quote!(find_role), quote!(known_role)),
                NameKind::Scope => (quote!(find_scope), quote!(known_scope)),
            };
            let hash = names::hash(&literal.value());
            // The user's span, so that an unknown name is reported at the literal.
            let known = to_prove.then(|| {
                let known = quote!(#krate::__private::#known::<__Policy>(#constant, #literal));
                let known = respan(known, literal.span());
                quote!(const _: () = #known;)
            });
            quote! {
                const #constant: ::core::primitive::usize =
                    #krate::__private::#find::<__Policy>(#literal, #hash);
                #known
            }
        }
        Name::Variant(path) => {
            let vocabulary = match kind {
                NameKind::Role => quote!(Role),
                NameKind::Scope => quote!(Scope),
            };
            quote! {
                const #constant: ::core::primitive::usize = {
                    const VALUE: <__Policy as #krate::Policy>::#vocabulary = #path;
                    VALUE.__authz_index()
                };
            }
        }
    }
}

fn next(number: &mut usize) -> Ident {
    let constant = constant(*number);
    *number += 1;
    constant
}

pub(super) fn constant(number: usize) -> Ident {
    Ident::new(&format!("__NAME_{number}"), Span::call_site())
}
