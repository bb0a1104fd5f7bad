//! Prints what is told about a resource to whoever asks who may do what.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;
use syn::ext::IdentExt as _;

use super::expand::{read_rule, write_rule};
use super::parse::RawResource;
use crate::args::Slot;
use crate::expand::respan;
use crate::names::attribute_span;

/// The record of the resource, in the registry and in the link section.
pub(super) fn expand_record(raw: &RawResource) -> TokenStream {
    let (krate, ident) = (raw.krate(), &raw.ident);
    let id = format!("::{}", ident.unraw());
    let line = respan(quote!(::core::line!()), attribute_span(ident));
    let name = |slot: &Slot<LitStr>| slot.get().map(LitStr::value).unwrap_or_default();
    let (owner, issuer, tenant) = (name(&raw.owner), name(&raw.issuer), name(&raw.tenant));
    let fields = raw.masked().map(|(place, field)| {
        let name = field.ident.unraw().to_string();
        let named = |is_masked: bool, rule| {
            if is_masked {
                quote!(::core::option::Option::Some(<#rule as #krate::Rule<__Policy>>::NAMED))
            } else {
                quote!(::core::option::Option::None)
            }
        };
        let read = named(field.read.get().is_some(), read_rule(place));
        let write = named(field.write.get().is_some(), write_rule(place));
        quote!(#krate::__private::Field::new(#krate::__private::MAKER, #name, #read, #write))
    });
    let fields: Vec<_> = fields.collect();
    let with_fields = (!fields.is_empty())
        .then(|| quote!(.with_fields::<__Policy>(#krate::__private::MAKER, &[#(#fields),*])));
    quote! {
        static __RESOURCE: #krate::__private::Resource = #krate::__private::Resource::new(#krate::__private::MAKER,
            (::core::concat!(::core::module_path!(), #id), ::core::file!(), #line),
            (#owner, #issuer, #tenant),
        )#with_fields;
        #krate::__register! { resource __RESOURCE }
    }
}
