//! Prints the implementations. All data goes into an unnamed constant, so that nothing of it can
//! be named by the user, or clash.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::Kind;
use super::check::Vocabulary;
use super::parse::RawGrant;
use super::record;

pub(super) fn expand(vocabulary: &Vocabulary) -> TokenStream {
    if vocabulary.is_generic {
        // Reported. Nothing can take a generic enum for a vocabulary, so nothing is missed.
        return TokenStream::new();
    }
    let runtime = runtime(vocabulary);
    let ident = &vocabulary.ident;
    let words = Literal::usize_unsuffixed(vocabulary.names.len().div_ceil(64).max(1));
    let count = Literal::usize_unsuffixed(vocabulary.names.len());
    let table = expand_table(vocabulary, &runtime);
    let steps = expand_steps(vocabulary);
    let all = expand_all(vocabulary);
    let kind = expand_kind(vocabulary, &runtime);
    let index = expand_index(vocabulary);
    quote! {
        const _: () = {
            static __AUTHZ_TABLE: #runtime::__private::Table = #table;

            static __AUTHZ_CLOSURE: [[::core::primitive::u64; #words]; #count] =
                #runtime::__private::close(#steps);

            #[automatically_derived]
            impl #runtime::Vocabulary for #ident {
                const SEAL: #runtime::__private::Seal = #runtime::__private::Seal::GENERATED;
                type Bits = [::core::primitive::u64; #words];
                const TABLE: &'static #runtime::__private::Table = &__AUTHZ_TABLE;
                const CLOSURE: &'static [Self::Bits] = &__AUTHZ_CLOSURE;
                const ALL: &'static [Self] = #all;

                #[inline]
                fn index(self) -> ::core::primitive::usize {
                    self.__authz_index()
                }
            }

            #kind
        };

        #index
    }
}

/// The path to the runtime crate: the user's tokens, or the crate's own name.
fn runtime(vocabulary: &Vocabulary) -> TokenStream {
    vocabulary.runtime.as_ref().map_or_else(|| quote!(::authz_core), |path| quote!(#path))
}

fn expand_table(vocabulary: &Vocabulary, runtime: &TokenStream) -> TokenStream {
    let kind = Ident::new(
        match vocabulary.kind {
            Kind::Role => "Role",
            Kind::Scope => "Scope",
        },
        Span::mixed_site(),
    );
    let type_name = text(&vocabulary.ident);
    let names = &vocabulary.names;
    let variants = vocabulary.variants.iter().map(text);
    let documentation = &vocabulary.documentation;
    let includes = vocabulary.includes.iter().map(|included| {
        let included = included.iter().map(|index| number(*index));
        quote!(&[#(#included),*])
    });
    let excludes = vocabulary.excludes.iter().map(|(left, right)| {
        let (left, right) = (number(*left), number(*right));
        quote!((#left, #right))
    });
    let sorted = vocabulary.sorted.iter().map(|(hash, index)| {
        let (hash, index) = (Literal::u64_unsuffixed(*hash), number(*index));
        quote!((#hash, #index))
    });
    let record = Literal::byte_string(&record::encode(vocabulary));
    quote! {
        #runtime::__private::Table {
            kind: #runtime::__private::Kind::#kind,
            type_name: #type_name,
            names: &[#(#names),*],
            variants: &[#(#variants),*],
            docs: &[#(#documentation),*],
            includes: &[#(#includes),*],
            closure: __AUTHZ_CLOSURE.as_flattened(),
            excludes: &[#(#excludes),*],
            sorted: &[#(#sorted),*],
            record: #record,
        }
    }
}

fn expand_steps(vocabulary: &Vocabulary) -> TokenStream {
    let steps = vocabulary.steps.iter().map(|step| {
        let (row, base) = (number(step.row), number(step.base));
        let more = step.more.iter().map(|(word, bits)| {
            let (word, bits) = (number(*word), Literal::u64_unsuffixed(*bits));
            quote!((#word, #bits))
        });
        quote!((#row, #base, &[#(#more),*]))
    });
    quote!(&[#(#steps),*])
}

fn expand_all(vocabulary: &Vocabulary) -> TokenStream {
    if !vocabulary.is_plain {
        return quote!(&[]);
    }
    // Our span: a deprecated variant is no news at the derive.
    let variants = vocabulary.variants.iter().map(|variant| {
        let mut variant = variant.clone();
        variant.set_span(variant.span().resolved_at(Span::mixed_site()));
        variant
    });
    quote!(&[#(Self::#variants),*])
}

fn expand_kind(vocabulary: &Vocabulary, runtime: &TokenStream) -> TokenStream {
    let ident = &vocabulary.ident;
    match vocabulary.kind {
        Kind::Scope => quote! {
            #[automatically_derived]
            impl #runtime::Scopes for #ident {
                const SEAL: #runtime::__private::Seal = #runtime::__private::Seal::GENERATED;
            }
        },
        Kind::Role => {
            let grants =
                vocabulary.grants.iter().map(|(role, grant)| expand_grant(*role, grant, runtime));
            quote! {
                #[automatically_derived]
                impl #runtime::Roles for #ident {
                    const SEAL: #runtime::__private::Seal = #runtime::__private::Seal::GENERATED;
                    const GRANTS: &'static [#runtime::__private::Grant] = &[#(#grants),*];
                }
            }
        }
    }
}

fn expand_grant(role: usize, grant: &RawGrant, runtime: &TokenStream) -> TokenStream {
    let role = number(role);
    let scope = match grant {
        RawGrant::Wire(name) => quote!(#name),
        RawGrant::Variant(path) => {
            // Where it is no scope, the compiler says so at the user's path, and once: the path
            // is named once.
            let span = path.span().resolved_at(Span::mixed_site());
            quote_spanned!(span=> match #path {
                scope => #runtime::__private::scope_name(scope, scope as ::core::primitive::usize),
            })
        }
    };
    quote! {
        #runtime::__private::Grant { role: #role, scope: #scope }
    }
}

/// The position in const context, where no trait method can be called.
fn expand_index(vocabulary: &Vocabulary) -> TokenStream {
    let ident = &vocabulary.ident;
    let visibility = &vocabulary.visibility;
    let index =
        if vocabulary.is_plain { quote!(self as ::core::primitive::usize) } else { quote!(0) };
    quote! {
        #[automatically_derived]
        impl #ident {
            #[doc(hidden)]
            #[inline]
            #[must_use]
            #visibility const fn __authz_index(self) -> ::core::primitive::usize {
                #index
            }
        }
    }
}

fn number(index: usize) -> Literal {
    Literal::usize_unsuffixed(index)
}

fn text(ident: &Ident) -> String {
    syn::ext::IdentExt::unraw(ident).to_string()
}
