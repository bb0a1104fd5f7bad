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
    /// A constant for each name: the proof that it is in the vocabulary, or the index of a variant.
    ///
    /// A name is used by its hash, which is no error where no name has it: of a name outside the
    /// vocabulary the proof alone fails, and the compiler looks for a name once, not at each use. The
    /// names of the block are proven beside the block.
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
            PartKind::Role(name) => name_data(krate, NameKind::Role, name, number),
            PartKind::Scope(name) => name_data(krate, NameKind::Scope, name, number),
            PartKind::Authenticated | PartKind::Faulty => quote!(#requirement::Authenticated),
            PartKind::Mfa => quote!(#requirement::Mfa),
            PartKind::Bound => quote!(#requirement::Bound),
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
    pub(super) fn of_rule(&self, item: &str, path: &Path) -> TokenStream {
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

    /// What the parts alone ask for, beside those of the block: as const data, and as code.
    pub(super) fn expand_own(&self) -> (TokenStream, TokenStream) {
        let first = self.count_block_names();
        let data = match self.parts {
            [only] => self.data(only, &mut first.clone()),
            parts => self.data_group("All", &refs(parts), &mut first.clone()),
        };
        (data, self.code_group(&quote!(&&), &refs(self.parts), &mut first.clone()))
    }

    fn code(&self, part: &Part, number: &mut usize) -> TokenStream {
        let krate = self.krate;
        match &part.kind {
            PartKind::Role(name) => name_code(krate, NameKind::Role, name, number),
            PartKind::Scope(name) => name_code(krate, NameKind::Scope, name, number),
            PartKind::Authenticated => quote!(true),
            PartKind::Faulty => quote!(false),
            PartKind::Mfa => quote!(#krate::Identity::mfa(identity)),
            PartKind::Bound => quote!(#krate::Identity::is_bound(identity)),
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
pub(super) enum NameKind {
    Role,
    Scope,
}

pub(super) fn refs(parts: &[Part]) -> Vec<&Part> {
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

impl NameKind {
    fn choose<T>(self, role: T, scope: T) -> T {
        match self {
            Self::Role => role,
            Self::Scope => scope,
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
            if !to_prove {
                return TokenStream::new();
            }
            let known = Ident::new(kind.choose("known_role", "known_scope"), Span::call_site());
            let hash = names::hash(&literal.value());
            // The user's span, so that an unknown name is reported at the literal.
            let known = quote!(#krate::__private::#known::<__Policy, #hash>(#literal));
            let known = respan(known, literal.span());
            quote!(const _: () = #known;)
        }
        Name::Variant(path) => {
            let vocabulary = Ident::new(kind.choose("Role", "Scope"), Span::call_site());
            quote! {
                const #constant: ::core::primitive::usize = {
                    const VALUE: <__Policy as #krate::Policy>::#vocabulary = #path;
                    VALUE.__authz_index()
                };
            }
        }
    }
}

/// What asks for the name, as const data.
fn name_data(krate: &TokenStream, kind: NameKind, name: &Name, number: &mut usize) -> TokenStream {
    let constant = next(number);
    let function = Ident::new(kind.choose("role", "scope"), Span::call_site());
    if let Some(hash) = hash_of(name) {
        return quote!(#krate::__private::#function::<__Policy, #hash>());
    }
    let variant = Ident::new(kind.choose("Role", "Scope"), Span::call_site());
    quote! {
        #krate::__private::Requirement::#variant(
            #krate::__private::Name::#function::<__Policy>(#constant)
        )
    }
}

/// What asks for the name, as code.
fn name_code(krate: &TokenStream, kind: NameKind, name: &Name, number: &mut usize) -> TokenStream {
    let constant = next(number);
    let function = |by_hash: &str, by_index: &str| {
        let name = if hash_of(name).is_some() { by_hash } else { by_index };
        Ident::new(name, Span::call_site())
    };
    let function = match kind {
        NameKind::Role => function("has_role", "has_role_at"),
        NameKind::Scope => function("has_scope", "has_scope_at"),
    };
    hash_of(name).map_or_else(
        || quote!(#krate::__private::#function(identity, #constant)),
        |hash| quote!(#krate::__private::#function::<_, #hash>(identity)),
    )
}

/// The four bytes of the name's index in a record.
pub(super) fn name_bytes(
    krate: &TokenStream,
    kind: NameKind,
    name: &Name,
    number: &mut usize,
) -> TokenStream {
    let constant = next(number);
    let function = Ident::new(kind.choose("role_bytes", "scope_bytes"), Span::call_site());
    hash_of(name).map_or_else(
        || quote!((#constant as ::core::primitive::u32).to_le_bytes()),
        |hash| quote!(#krate::__private::#function::<__Policy, #hash>()),
    )
}

fn hash_of(name: &Name) -> Option<u64> {
    match name {
        Name::Wire(literal) => Some(names::hash(&literal.value())),
        Name::Variant(_) => None,
    }
}

fn next(number: &mut usize) -> Ident {
    let constant = constant(*number);
    *number += 1;
    constant
}

fn constant(number: usize) -> Ident {
    Ident::new(&format!("__NAME_{number}"), Span::call_site())
}
