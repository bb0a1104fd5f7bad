//! Prints a rule: a type that stands for it, with its requirement as data and as code.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;

use super::expand_policy;
use super::judgement::expand_judgement;
use super::requirement::Tree;
use crate::args::Access;
use crate::requirement::Part;
use crate::rule::Rule;

/// The type of the rule and what it stands for.
pub(crate) fn expand_rule(rule: &Rule) -> TokenStream {
    expand_with(rule, rule.requirement.as_slice(), None)
}

/// What to emit beside the errors: a rule that nobody meets, so that its uses are no errors.
pub(crate) fn expand_faulty_rule(rule: &Rule) -> TokenStream {
    expand_with(rule, &[], Some(quote!(false)))
}

fn expand_with(rule: &Rule, parts: &[Part], permits: Option<TokenStream>) -> TokenStream {
    let Rule { krate, attributes, visibility, name, .. } = rule;
    let policy = expand_policy(rule.policy.get(), name.span(), name, krate);
    let id = format!("::{}", name.unraw());
    let implementation = expand_implementation(krate, name, &id, parts, permits);
    quote! {
        #(#attributes)*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #[allow(clippy::exhaustive_enums)]
        #visibility enum #name {}

        #[allow(unused_qualifications)]
        const _: () = {
            #policy
            type __Policy = <#name as #krate::__private::UnderPolicy>::Policy;
            #implementation
        };
    }
}

/// What a field of a resource asks for, as a rule that nothing else can name. Its policy is the
/// `__Policy` around it.
pub(crate) fn expand_mask(
    krate: &TokenStream,
    name: &Ident,
    id: &str,
    parts: &[Part],
) -> TokenStream {
    let implementation = expand_implementation(krate, name, id, parts, None);
    quote! {
        enum #name {}
        const _: () = {
            #implementation
        };
    }
}

/// That the type `name` is the rule. In a block of its own: the names are numbered anew.
fn expand_implementation(
    krate: &TokenStream,
    name: &Ident,
    id: &str,
    parts: &[Part],
    permits: Option<TokenStream>,
) -> TokenStream {
    let tree = Tree { krate, block: &[], parts };
    let constants = tree.expand_names();
    let judgement = expand_judgement(&tree);
    let requirement = tree.expand_requirement(Access::Requires);
    let permits = permits.unwrap_or_else(|| tree.expand_permits());
    // At the name, where the compiler reports a circle of rules.
    let span = name.span();
    let implement = quote_spanned!(span=> impl);
    let record = quote_spanned!(span=> static __NAMED: __Named = __Named::new(#krate::__private::MAKER, __ID, #requirement););
    let named = quote_spanned!(span=> const NAMED: &'static __Named = &__NAMED;);
    quote! {
        use #krate::__private::Named as __Named;
        const __ID: &::core::primitive::str = ::core::concat!(::core::module_path!(), #id);
        #constants
        #judgement
        #record
        #[automatically_derived]
        #implement #krate::Rule<__Policy> for #name {
            const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
            #named

            #[inline]
            fn permits(identity: &#krate::Identity<__Policy>) -> ::core::primitive::bool {
                let _ = identity;
                #permits
            }
        }
    }
}
