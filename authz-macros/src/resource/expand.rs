//! Prints the comparison of the fields with an identity.
//!
//! INVARIANT: what is not declared is no way in: without an owner, the tenant is required.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::check::Resource;
use super::parse::{Field, RawResource};

pub(super) fn expand(raw: &RawResource, resource: &Resource<'_>) -> TokenStream {
    let belongs = match (resource.owner, resource.issuer) {
        (Some(owner), None) => compare("is_owner", &[owner]),
        (Some(owner), Some(issuer)) => compare("is_owner_at", &[issuer, owner]),
        // What a whole tenant owns.
        (None, _) => quote!(true),
    };
    let tenant = resource.tenant.map(|tenant| compare("acts_for", &[tenant]));
    let of_tenant = tenant.unwrap_or_else(|| quote!(true));
    expand_with(raw, &belongs, &of_tenant)
}

/// An object of nobody.
pub(super) fn expand_fallback(raw: &RawResource) -> TokenStream {
    expand_with(raw, &quote!(false), &quote!(false))
}

fn expand_with(raw: &RawResource, belongs: &TokenStream, of_tenant: &TokenStream) -> TokenStream {
    let RawResource { ident, generics, .. } = raw;
    let krate =
        raw.krate.get().map_or_else(|| quote!(::authz_core), quote::ToTokens::to_token_stream);
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let name = format!("::{}", syn::ext::IdentExt::unraw(ident));
    quote! {
        #[automatically_derived]
        impl #parameters #krate::object::Resource for #ident #arguments #conditions {
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
    let fields = fields.iter().map(|Field { ident, ty }| {
        let span = Span::call_site().located_at(ty.span());
        quote_spanned!(span=> &self.#ident)
    });
    quote!(claimant.#method(#(#fields),*))
}
