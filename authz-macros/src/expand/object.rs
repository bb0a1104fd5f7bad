//! Prints what a function with `object = …` says of the objects it opens: who is not held to being their
//! owner.

use proc_macro2::TokenStream;
use quote::quote;

use super::judgement::expand_judgement_beside;
use super::record::ObjectCheck;
use super::requirement::Tree;
use super::{Sincerity, root};
use crate::args::Args;
use crate::item::Function;

/// The implementation that `open` asks for. In a block of its own: its names are numbered anew.
pub(super) fn expand_object(
    args: &Args,
    function: &Function,
    krate: &TokenStream,
    sincerity: Sincerity,
) -> Option<TokenStream> {
    args.object.get()?;
    let name = function.name();
    let (block, parts) = root(args, sincerity);
    let around: Vec<_> = block.iter().chain(parts).cloned().collect();
    let any_owner = match (sincerity, args.any_owner.get()) {
        (Sincerity::Checked, Some(parts)) => parts.as_slice(),
        _ => &[],
    };
    let tree = Tree { krate, block: &around, parts: any_owner };
    let names = tree.expand_names();
    let judgement = expand_judgement_beside(&tree);
    let object = quote!(#krate::__private::Object);
    let (data, code) = match ObjectCheck::of(args) {
        ObjectCheck::Any if sincerity == Sincerity::Checked => (quote!(#object::Any), quote!(true)),
        _ if any_owner.is_empty() => (quote!(#object::Owner), quote!(false)),
        _ => {
            let (data, code) = tree.expand_own();
            (quote!(#object::OwnerUnless(&#data)), code)
        }
    };
    Some(quote! {
        const _: () = {
            #names
            #judgement
            #[automatically_derived]
            impl #krate::object::ChecksObjects for #name {
                const SEAL: #krate::__private::Seal = #krate::__private::Seal::GENERATED;
                const OBJECT: #object = #data;

                #[inline]
                fn sees_any_owner(
                    identity: &#krate::Identity<__Policy>,
                ) -> ::core::primitive::bool {
                    let _ = identity;
                    #code
                }
            }
        };
    })
}
