//! Prints what came of a resource: a struct with the same names, told to serde as the resource is, in
//! which a field that is not for everybody to set is there or not.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt as _;

use super::expand::{expand_mask_of, expand_refusal, write_rule};
use super::field::Field;
use super::parse::RawResource;
use super::serde::REPLACED;

pub(super) fn expand(raw: &RawResource) -> TokenStream {
    let (krate, ident) = (raw.krate(), &raw.ident);
    let (name, given) = (ident.unraw().to_string(), Ident::new("__Given", Span::call_site()));
    let serde = format!("{}", quote!(#krate::__private::serde));
    let renamed = raw.serde.find("rename").is_none().then(|| quote!(#[serde(rename = #name)]));
    let told = raw.serde.without(&["crate"]);
    let fields = raw.fields.iter().map(|field| expand_field(field, &krate));
    let functions = raw.fields.iter().filter_map(|field| expand_function(field, &krate));
    let writable = expand_mask_of(&krate, raw.write_masked(), write_rule);
    let written = raw.write_masked().map(|(place, field)| {
        let ident = &field.ident;
        quote!(.with(#place, given.#ident.came()))
    });
    let values = raw.fields.iter().map(expand_value);
    let refused = expand_refusal(raw, "Deserialized", "require_write_masks");
    quote! {
        #[derive(#krate::__private::serde::Deserialize)]
        #[serde(crate = #serde)]
        #renamed
        #told
        struct #given {
            #(#fields),*
        }

        #(#functions)*

        #[automatically_derived]
        impl #krate::object::WriteMask for #ident {
            const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
            type Policy = __Policy;
            const RESOURCE: &'static #krate::__private::Resource = &__RESOURCE;

            #[inline]
            fn writable(identity: &#krate::Identity<__Policy>) -> #krate::__private::Mask {
                #writable
            }

            fn read<'de, __From: #krate::__private::serde::Deserializer<'de>>(
                from: __From,
            ) -> ::core::result::Result<(Self, #krate::__private::Mask), __From::Error> {
                let given = <#given as #krate::__private::serde::Deserialize>::deserialize(from)?;
                let written = #krate::__private::Mask::NONE #(#written)*;
                ::core::result::Result::Ok((Self { #(#values),* }, written))
            }
        }
        #refused
    }
}

fn expand_field(field: &Field, krate: &TokenStream) -> TokenStream {
    let Field { ident, ty, .. } = field;
    if field.write.get().is_none() {
        let told = field.serde.whole();
        return quote!(#told #ident: #ty);
    }
    let told = field.serde.without(REPLACED);
    let with = field.serde.deserialize.as_ref().map(|_| {
        let path = deserialize_function(field).to_string();
        quote!(#[serde(deserialize_with = #path)])
    });
    quote!(#told #[serde(default)] #with #ident: #krate::__private::Given<#ty>)
}

/// The function of the resource that reads the field, for what is here.
fn expand_function(field: &Field, krate: &TokenStream) -> Option<TokenStream> {
    let path = field.serde.deserialize.as_ref().filter(|_| field.write.get().is_some())?;
    let (name, ty) = (deserialize_function(field), &field.ty);
    let serde = quote!(#krate::__private::serde);
    Some(quote! {
        fn #name<'de, __From: #serde::Deserializer<'de>>(
            from: __From,
        ) -> ::core::result::Result<#krate::__private::Given<#ty>, __From::Error> {
            ::core::result::Result::map(#path(from), #krate::__private::Given::new)
        }
    })
}

/// The field as it came, or as serde is told that it is where it did not.
fn expand_value(field: &Field) -> TokenStream {
    let ident = &field.ident;
    if field.write.get().is_none() {
        return quote!(#ident: given.#ident);
    }
    let default = || quote!(::core::default::Default::default);
    let absent = field.serde.default.as_ref().map_or_else(default, ToTokens::to_token_stream);
    quote!(#ident: given.#ident.or_else(#absent))
}

fn deserialize_function(field: &Field) -> Ident {
    format_ident!("__deserialize_{}", field.ident.unraw(), span = Span::call_site())
}

/// What takes everything and gives nothing, beside the errors.
pub(super) fn expand_fallback(raw: &RawResource) -> TokenStream {
    let (krate, ident) = (raw.krate(), &raw.ident);
    // That nobody sees: a program with errors is not linked.
    let record = quote!(#krate::__private::Resource::new(#krate::__private::MAKER, ("", "", 0), ("", "", "")));
    quote! {
        #[automatically_derived]
        impl #krate::object::WriteMask for #ident {
            const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
            type Policy = __Policy;
            const RESOURCE: &'static #krate::__private::Resource = &#record;

            fn writable(_: &#krate::Identity<__Policy>) -> #krate::__private::Mask {
                #krate::__private::Mask::NONE
            }

            fn read<'de, __From: #krate::__private::serde::Deserializer<'de>>(
                _: __From,
            ) -> ::core::result::Result<(Self, #krate::__private::Mask), __From::Error> {
                ::core::result::Result::Err(#krate::__private::serde::de::Error::missing_field(""))
            }
        }
    }
}
