//! Prints what a resource is: whose, with its record, and what of it is for whom.
//!
//! INVARIANT: what is not declared is no way in: without an owner, the tenant is required; with neither,
//! there is nothing that could be opened.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::check::Resource;
use super::field::Field;
use super::parse::RawResource;
use super::record::expand_record;
use super::{given, seen};
use crate::expand::{expand_mask, expand_policy, respan};
use crate::names::attribute_span;

pub(super) fn expand(raw: &RawResource, resource: &Resource<'_>) -> TokenStream {
    let whose = raw.belongs_to_somebody().then(|| expand_whose(raw, resource));
    let masks = raw.masked().next().map(|_| expand_masks(raw));
    let seen = raw.read_masked().next().map(|_| seen::expand(raw));
    let given = raw.write_masked().next().map(|_| given::expand(raw));
    let record = expand_record(raw);
    quote! {
        #whose
        const _: () = {
            #masks
            #record
            #seen
            #given
        };
    }
}

/// The policy, and a rule for each requirement of a field.
fn expand_masks(raw: &RawResource) -> TokenStream {
    let (krate, ident) = (&raw.krate(), &raw.ident);
    let policy = expand_policy(raw.policy.get(), attribute_span(ident), ident, krate);
    let rules = raw.masked().flat_map(|(place, field)| {
        let id = |verb: &str| format!("::{}.{} {verb}", ident.unraw(), field.ident.unraw());
        let read = field.read.get();
        let write = field.write.get();
        [
            read.map(|parts| expand_mask(krate, &read_rule(place), &id("read"), parts)),
            write.map(|parts| expand_mask(krate, &write_rule(place), &id("write"), parts)),
        ]
    });
    let rules = rules.flatten();
    quote! {
        #policy
        type __Policy = <#ident as #krate::__private::UnderPolicy>::Policy;
        #(#rules)*
    }
}

/// The rule of who may see the masked field at this place.
pub(super) fn read_rule(place: u32) -> Ident {
    Ident::new(&format!("__Read{place}"), Span::call_site())
}

/// The rule of who may set the masked field at this place.
pub(super) fn write_rule(place: u32) -> Ident {
    Ident::new(&format!("__Write{place}"), Span::call_site())
}

/// The compiled mask: the bit of each field whose rule lets the identity.
pub(super) fn expand_mask_of<'a>(
    krate: &TokenStream,
    fields: impl Iterator<Item = (u32, &'a Field)>,
    rule: fn(u32) -> Ident,
) -> TokenStream {
    let bits = fields.map(|(place, _)| {
        let rule = rule(place);
        quote!(.with(#place, <#rule as #krate::Rule<__Policy>>::permits(identity)))
    });
    quote!(#krate::__private::Mask::NONE #(#bits)*)
}

/// A compile error where serde shows or reads the resource past its masks: `probe` tells whether it has the
/// trait, and `require` words it.
pub(super) fn expand_refusal(raw: &RawResource, probe: &str, require: &str) -> TokenStream {
    let (krate, ident) = (&raw.krate(), &raw.ident);
    let name = ident.unraw().to_string();
    let [probe, require] = [probe, require].map(|item| Ident::new(item, Span::call_site()));
    let require = quote! {
        #krate::__private::#require(<#krate::__private::#probe<#ident>>::PAST_MASKS, #name)
    };
    let require = respan(require, attribute_span(ident).located_at(ident.span()));
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private::PastMasks as _;
            #require
        };
    }
}

fn expand_whose(raw: &RawResource, resource: &Resource<'_>) -> TokenStream {
    let belongs = match (resource.owner, resource.issuer) {
        (Some(owner), None) => compare("is_owner", &[owner]),
        (Some(owner), Some(issuer)) => compare("is_owner_at", &[issuer, owner]),
        // What a whole tenant owns.
        (None, _) => quote!(true),
    };
    let tenant = resource.tenant.map(|tenant| compare("acts_for", &[tenant]));
    let of_tenant = tenant.unwrap_or_else(|| quote!(true));
    expand_comparison(raw, &belongs, &of_tenant)
}

/// What to emit beside the errors: an object of nobody, of which nobody sees or sets anything.
pub(super) fn expand_fallback(raw: &RawResource) -> TokenStream {
    let whose = expand_comparison(raw, &quote!(false), &quote!(false));
    let is_plain = raw.generics.params.is_empty();
    let masks = (is_plain && raw.masked().next().is_some()).then(|| {
        let (krate, ident) = (&raw.krate(), &raw.ident);
        let policy = expand_policy(raw.policy.get(), attribute_span(ident), ident, krate);
        let seen = raw.read_masked().next().map(|_| seen::expand_fallback(raw));
        let given = raw.write_masked().next().map(|_| given::expand_fallback(raw));
        quote! {
            const _: () = {
                #policy
                type __Policy = <#ident as #krate::__private::UnderPolicy>::Policy;
                #seen
                #given
            };
        }
    });
    quote!(#whose #masks)
}

/// The comparison of the fields with an identity.
fn expand_comparison(
    raw: &RawResource,
    belongs: &TokenStream,
    of_tenant: &TokenStream,
) -> TokenStream {
    let (krate, RawResource { ident, generics, .. }) = (raw.krate(), raw);
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let name = format!("::{}", ident.unraw());
    quote! {
        #[automatically_derived]
        impl #parameters #krate::object::Resource for #ident #arguments #conditions {
            const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
            const NAME: &'static ::core::primitive::str =
                ::core::concat!(::core::module_path!(), #name);

            #[inline]
            fn belongs_to(
                &self,
                claimant: &#krate::object::Claimant<'_>,
            ) -> ::core::primitive::bool {
                let _ = claimant;
                #belongs
            }

            #[inline]
            fn is_of_tenant(
                &self,
                claimant: &#krate::object::Claimant<'_>,
            ) -> ::core::primitive::bool {
                let _ = claimant;
                #of_tenant
            }
        }
    }
}

/// A field that can't be compared is reported at its type.
fn compare(method: &str, fields: &[&Field]) -> TokenStream {
    let method = Ident::new(method, Span::call_site());
    let fields = fields.iter().map(|Field { ident, ty, .. }| {
        let span = Span::call_site().located_at(ty.span());
        quote_spanned!(span=> &self.#ident)
    });
    quote!(claimant.#method(#(#fields),*))
}
