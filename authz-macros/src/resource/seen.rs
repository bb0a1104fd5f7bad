//! Prints what of a resource somebody sees: a struct of references with the same names, told to serde
//! as the resource is, in which a field that is not for everybody may be absent.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use super::expand::{expand_mask_of, expand_refusal, read_rule};
use super::field::Field;
use super::parse::RawResource;
use super::serde::REPLACED;

pub(super) fn expand(raw: &RawResource) -> TokenStream {
    let (krate, ident) = (raw.krate(), &raw.ident);
    let (name, seen) = (ident.unraw().to_string(), Ident::new("__Seen", Span::call_site()));
    let visibility = &raw.visibility;
    let serde = format!("{}", quote!(#krate::__private::serde));
    let renamed = raw.serde.find("rename").is_none().then(|| quote!(#[serde(rename = #name)]));
    let told = raw.serde.without(&["crate", "default", "bound"]);
    let fields = raw.fields.iter().map(expand_field);
    let functions = raw.fields.iter().map(|field| expand_functions(field, &krate));
    let values = raw.fields.iter().map(|field| expand_value(raw, field));
    let readable = expand_mask_of(&krate, raw.read_masked(), read_rule);
    let refused = expand_refusal(raw, "Serialized", "require_read_masks");
    quote! {
        #[derive(#krate::__private::serde::Serialize)]
        #[serde(crate = #serde)]
        #renamed
        #told
        #[allow(missing_docs, missing_debug_implementations, missing_copy_implementations)]
        #visibility struct #seen<'__seen> {
            #(#fields),*
        }

        #(#functions)*

        #[automatically_derived]
        impl #krate::object::ReadMask for #ident {
            const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
            type Policy = __Policy;
            type Seen<'__seen> = #seen<'__seen>;

            #[inline]
            fn readable(identity: &#krate::Identity<__Policy>) -> #krate::__private::Mask {
                #readable
            }

            #[inline]
            fn seen(&self, readable: #krate::__private::Mask) -> #seen<'_> {
                #seen { #(#values),* }
            }
        }
        #refused
    }
}

/// A reference to the field; for one that is not for everybody, if its bit is set.
fn expand_value(raw: &RawResource, field: &Field) -> TokenStream {
    let ident = &field.ident;
    let Some((place, _)) = raw.read_masked().find(|(_, masked)| masked.ident == *ident) else {
        return quote!(#ident: &self.#ident);
    };
    quote! {
        #ident: if readable.has(#place) {
            ::core::option::Option::Some(&self.#ident)
        } else {
            ::core::option::Option::None
        }
    }
}

fn expand_field(field: &Field) -> TokenStream {
    let Field { ident, visibility, .. } = field;
    let told = field.serde.without(REPLACED);
    let skip = match (&field.serde.skip_if, field.read.get()) {
        (Some(_), _) => Some(skip_function(field).to_string()),
        (None, Some(_)) => Some("::core::option::Option::is_none".to_owned()),
        (None, None) => None,
    };
    let skip = skip.map(|path| quote!(#[serde(skip_serializing_if = #path)]));
    let with = field.serde.serialize.as_ref().map(|_| {
        let path = serialize_function(field).to_string();
        quote!(#[serde(serialize_with = #path)])
    });
    let ty = expand_type(field, &quote!('__seen));
    quote!(#told #skip #with #visibility #ident: #ty)
}

fn expand_type(field: &Field, lifetime: &TokenStream) -> TokenStream {
    let ty = &field.ty;
    let reference = quote!(& #lifetime #ty);
    match field.read.get() {
        Some(_) => quote!(::core::option::Option<#reference>),
        None => reference,
    }
}

/// The functions that the struct names to serde: those of the resource, which take what it has, for what
/// is here.
fn expand_functions(field: &Field, krate: &TokenStream) -> TokenStream {
    let serde = quote!(#krate::__private::serde);
    let ty = expand_type(field, &quote!('_));
    let masked = field.read.get().is_some();
    let skip = field.serde.skip_if.as_ref().map(|path| {
        let name = skip_function(field);
        let body = if masked {
            quote!(match *value {
                ::core::option::Option::Some(value) => #path(value),
                ::core::option::Option::None => true,
            })
        } else {
            quote!(#path(*value))
        };
        quote!(fn #name(value: &#ty) -> ::core::primitive::bool { #body })
    });
    let serialize = field.serde.serialize.as_ref().map(|path| {
        let name = serialize_function(field);
        let body = if masked {
            quote!(match *value {
                ::core::option::Option::Some(value) => #path(value, to),
                ::core::option::Option::None => to.serialize_none(),
            })
        } else {
            quote!(#path(*value, to))
        };
        quote! {
            fn #name<__To: #serde::Serializer>(
                value: &#ty,
                to: __To,
            ) -> ::core::result::Result<__To::Ok, __To::Error> {
                #body
            }
        }
    });
    quote!(#skip #serialize)
}

fn skip_function(field: &Field) -> Ident {
    format_ident!("__skip_{}", field.ident.unraw(), span = Span::call_site())
}

fn serialize_function(field: &Field) -> Ident {
    format_ident!("__serialize_{}", field.ident.unraw(), span = Span::call_site())
}

/// A view of nothing, beside the errors.
pub(super) fn expand_fallback(raw: &RawResource) -> TokenStream {
    let (krate, ident) = (raw.krate(), &raw.ident);
    quote! {
        #[automatically_derived]
        impl #krate::object::ReadMask for #ident {
            const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
            type Policy = __Policy;
            type Seen<'__seen> = ();

            fn readable(_: &#krate::Identity<__Policy>) -> #krate::__private::Mask {
                #krate::__private::Mask::NONE
            }

            fn seen(&self, _: #krate::__private::Mask) {}
        }
    }
}
