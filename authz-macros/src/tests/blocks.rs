//! Blocks: what is printed for each kind, and that of a block which is accepted no function was
//! passed over, whatever is written in it.

use std::panic;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Block, Expr, File, ImplItem, Item, ItemImpl, Signature, Stmt, TraitItem};

use super::robustness::{Random, count, spoil};
use crate::args::{self, Access};
use crate::attribute;
use crate::diag::Errors;
use crate::requirement::{Part, PartKind};

fn expand(args: TokenStream, item: TokenStream) -> File {
    let tokens = attribute::expand(Access::Requires, args, item);
    let text = tokens.to_string();
    assert!(!text.contains("compile_error"), "refused: {text}");
    syn::parse2(tokens).expect("the expansion is a list of items")
}

fn block(file: &File) -> &ItemImpl {
    let found = file.items.iter().find_map(|item| match item {
        Item::Impl(block) => Some(block),
        _ => None,
    });
    found.expect("the block")
}

/// The block of a service, which stands beside what else is made of it.
fn served(file: &File) -> &ItemImpl {
    let found = file.items.iter().find_map(|item| {
        let Item::Const(item) = item else { return None };
        let Expr::Block(beside) = &*item.expr else { return None };
        beside.block.stmts.iter().find_map(|statement| match statement {
            Stmt::Item(Item::Impl(block)) => Some(block),
            _ => None,
        })
    });
    found.expect("the block")
}

fn says_first(block: &Block, words: &str) -> bool {
    block.stmts.first().is_some_and(|first| first.to_token_stream().to_string().contains(words))
}

#[test]
fn each_method_checks_what_the_block_and_it_ask_for() {
    let file = expand(
        quote!(role = "clerk", identity = self.who, unreachable(new)),
        quote! {
            /// The desk.
            impl<T: Clone> Desk<'_, T> {
                /// Takes an order back.
                #[requires(scope = "write:orders")]
                pub fn cancel(&self) -> Result<(), Denied> {
                    "the body"
                }

                #[authz_core::requires]
                async fn list(&self) -> Result<(), Denied> {
                    "the body"
                }

                #[must_use]
                fn new(who: Identity) -> Self {
                    "unreachable"
                }
            }
        },
    );
    let text = prettyplease::unparse(&file);
    let block = block(&file);
    assert_eq!(block.items.len(), 3, "{text}");
    for item in &block.items {
        let ImplItem::Fn(method) = item else { panic!("only methods:\n{text}") };
        let listed = method.sig.ident == "new";
        assert_eq!(says_first(&method.block, "__private :: check"), !listed, "{text}");
        assert_eq!(says_first(&method.block, "\"unreachable\""), listed, "{text}");
    }
    assert!(text.contains("\"::Desk<'_,T>::cancel\""), "{text}");
    assert_eq!(text.matches("known_role").count(), 1, "the block's name is proven once:\n{text}");
    assert_eq!(text.matches("has_role").count(), 2, "both ask for it:\n{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn an_implementation_has_the_items_of_the_trait_alone() {
    let file = expand(
        quote!(role = "clerk", identity = who),
        quote! {
            #[async_trait]
            unsafe impl super::Refunds<Order> for Desk {
                const LIMIT: u32 = 7;
                type Order = u32;

                #[requires(mfa)]
                async fn refund(who: &Identity) -> Result<(), Denied> {
                    "the body"
                }
            }
        },
    );
    let text = prettyplease::unparse(&file);
    let block = block(&file);
    assert_eq!(block.items.len(), 3, "{text}");
    assert_eq!(block.attrs.len(), 1, "`async_trait` stays:\n{text}");
    let Some(ImplItem::Fn(refund)) = block.items.last() else { panic!("no method:\n{text}") };
    assert!(says_first(&refund.block, "__private :: check"), "{text}");
    assert!(text.contains("\"::Desk::super::Refunds<Order>::refund\""), "{text}");
}

/// A gRPC service: the guard is not in the signature, which is the trait's.
#[test]
fn the_methods_of_a_service_check_their_request_and_are_told_to_the_gate() {
    let file = expand(
        quote!(role = "clerk", server = orders_server::OrdersServer),
        quote! {
            #[tonic::async_trait]
            impl orders_server::Orders for Desk {
                type ListOrdersStream = Messages<Order>;

                #[requires(scope = "read:orders")]
                async fn list_orders(
                    &self,
                    request: Request<Ack>,
                ) -> Result<Response<Self::ListOrdersStream>, Status> {
                    "the body"
                }

                #[requires(route = "POST /shop.v1.Orders/HTTPGet")]
                async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
                    "the body"
                }
            }
        },
    );
    let text = prettyplease::unparse(&file);
    let block = served(&file);
    assert_eq!(block.items.len(), 3, "{text}");
    for item in &block.items {
        let ImplItem::Fn(method) = item else { continue };
        assert!(says_first(&method.block, "__private :: tonic :: check"), "{text}");
    }
    assert_eq!(text.matches("\"the body\"").count(), 2, "each body stands once:\n{text}");
    assert_eq!(text.matches(".guarded::<").count(), 2, "the gate knows both:\n{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_functions_of_a_module_take_their_guards() {
    let file = expand(
        quote!(role = "clerk", policy = shop::policy, unreachable(double)),
        quote! {
            pub(crate) mod orders {
                #![allow(missing_docs)]
                use super::*;

                #[requires(scope = "write:orders")]
                pub async fn cancel(order: u32) -> &'static str {
                    "the body"
                }

                fn double(number: u32) -> u32 {
                    "unreachable"
                }

                #[cfg(unix)]
                #[requires(mfa)]
                pub mod refunds {
                    #[cfg_attr(windows, cfg(miri), inline)]
                    #[requires(scope = "write:orders")]
                    fn refund() {
                        "the body"
                    }
                }
            }
        },
    );
    let text = prettyplease::unparse(&file);
    assert!(text.contains("async fn cancel(_: ::authz_core::Guard<cancel>, order: u32)"), "{text}");
    assert!(text.contains("fn refund(_: ::authz_core::Guard<refund>)"), "{text}");
    assert!(text.contains("fn double(number: u32) -> u32"), "{text}");
    assert_eq!(text.matches("cfg_attr(windows, cfg(miri))").count(), 2, "type, record:\n{text}");
    assert!(!text.contains("crate::policy"), "the policy is the block's:\n{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_default_of_a_specialization_stays_one() {
    let tokens = attribute::expand(
        Access::Requires,
        quote!(role = "clerk", identity = who),
        quote! {
            default unsafe impl<T> Refunds for Desk<T> {
                #[requires]
                default async fn refund(who: &Identity) -> Result<(), Denied> {
                    "the body"
                }
            }
        },
    );
    let text = tokens.to_string();
    assert!(!text.contains("compile_error"), "{text}");
    assert!(text.contains("default unsafe impl"), "{text}");
    assert!(text.contains("default async fn refund"), "{text}");
    assert!(text.contains("check :: < refund >"), "{text}");
}

#[test]
fn what_is_half_typed_in_a_body_stays_as_it_is() {
    let tokens = attribute::expand(
        Access::Requires,
        quote!(role = "clerk", identity = self.who),
        quote! {
            impl Desk {
                #[requires]
                fn cancel(&self) -> Result<(), Denied> {
                    let order = self.
                }
            }
        },
    );
    let text = tokens.to_string();
    assert!(!text.contains("compile_error"), "{text}");
    assert!(text.contains("let order = self ."), "{text}");
}

#[test]
fn a_group_of_a_macro_hides_no_function() {
    let hidden = proc_macro2::Group::new(
        proc_macro2::Delimiter::None,
        quote!(
            const LIMIT: u32 = 7;
        ),
    );
    let silent = proc_macro2::Group::new(
        proc_macro2::Delimiter::None,
        quote!(
            fn silent() {}
        ),
    );
    let method = proc_macro2::Group::new(
        proc_macro2::Delimiter::None,
        quote!(
            impl Page {
                fn silent(&self) {}
            }
        ),
    );
    for items in [
        quote!(#hidden fn silent() {} #hidden),
        quote!(#silent),
        quote!(#method),
        quote!(#[inline] #silent),
        quote!(#hidden #silent #hidden),
    ] {
        let tokens = attribute::expand(
            Access::Requires,
            quote!(role = "clerk"),
            quote!(mod orders { #[requires] fn list() {} #items }),
        );
        let text = tokens.to_string();
        assert!(text.contains("`silent` says nothing"), "{text}");
    }
}

#[test]
fn nothing_in_a_block_asks_for_less() {
    for attribute in [
        quote!(public(reason = "hours")),
        quote!(authz_core::public(reason = "hours")),
        quote!(manual(reason = "the body asks")),
        quote!(manual(reason = "the body asks", identity = who)),
    ] {
        for item in [
            quote!(impl Desk { #[#attribute] fn open(who: &Identity) {} }),
            quote!(mod orders { #[#attribute] fn open(who: &Identity) {} }),
            quote!(mod orders { impl Page { #[#attribute] fn open(who: &Identity) {} } }),
        ] {
            let tokens = attribute::expand(Access::Requires, quote!(role = "clerk"), item);
            let text = tokens.to_string();
            assert!(text.contains("`open` stands in a block that requires"), "{text}");
        }
    }
}

/// Right blocks, as words.
const RIGHT: &[(&str, &str)] = &[
    (
        r#"role = "clerk" , identity = self . who , unreachable ( new )"#,
        r#"impl Desk { #[requires ( scope = "write:orders" ) ] fn cancel (&self) -> Result<(), Denied> { "body" }
        #[requires] fn list (&self) -> Result<(), Denied> { "body" }
        fn new () -> Self { "body" } const LIMIT : u32 = 7 ; }"#,
    ),
    (
        r#"any ( role = "clerk" , role = "auditor" ) , scope = "read" , mfa"#,
        r#"impl Refunds for Desk { type Order = u32 ;
        #[requires ( identity = who ) ] async fn refund (who: &Identity) -> Result<(), Denied> { "body" }
        #[requires ( max_age = "5m" , identity = who ) ] fn cancel (&self, who: &Identity) -> Result<(), Denied> { "body" } }"#,
    ),
    (
        r#"scope = "read:orders" , unreachable ( helper )"#,
        r#"mod orders { use super :: * ; #[requires] async fn list () { "body" }
        fn helper () { "body" }
        #[requires ( mfa , unreachable ( inner ) ) ] mod refunds { #[requires] fn refund () { "body" } fn inner () { "body" } }
        struct Page ; #[requires ( unreachable ( fmt ) ) ] impl Debug for Page { fn fmt (&self) { "body" } }
        trait Prints { fn print (&self) ; #[requires ( identity = who ) ] fn all (who: &Identity) -> Result<(), Denied> { "body" } } }"#,
    ),
];

#[test]
fn a_wrong_block_is_refused_or_passes_no_function_over() {
    let mut random = Random(0xb10c);
    let (mut refused, mut accepted) = (0, 0);
    while refused + accepted < 2_500 {
        let (args, item) = RIGHT[random.below(RIGHT.len())];
        let [mut args, mut item] =
            [args, item].map(|text| text.split_whitespace().map(str::to_owned).collect());
        for _ in 0..=random.below(2) {
            let words = if random.below(4) == 0 { &mut args } else { &mut item };
            spoil(words, &mut random);
        }
        let [args, item] = [args.join(" "), item.join(" ")];
        // What is no tokens or no item never reaches a macro.
        let (Ok(args), Ok(tokens)) = (args.parse(), item.parse::<TokenStream>()) else { continue };
        let Ok(Item::Impl(_) | Item::Mod(_)) = syn::parse2(tokens.clone()) else { continue };
        if judge(&args, tokens, &format!("#[requires({args})] {item}")) {
            accepted += 1;
        } else {
            refused += 1;
        }
    }
    assert!(refused > 600, "only {refused} were refused");
    assert!(accepted > 200, "only {accepted} were accepted, so little was looked at");
}

#[test]
fn right_blocks_pass_no_function_over() {
    for (args, item) in RIGHT {
        let [args, item] = [args, item].map(|text| text.parse().expect("tokens"));
        assert!(judge(&args, item.clone(), &item.to_string()), "refused: {item}");
    }
}

/// Whether the block was accepted; panics if it was, and holds a function that is neither checked
/// nor listed.
fn judge(args: &TokenStream, item: TokenStream, text: &str) -> bool {
    let expanded =
        panic::catch_unwind(|| attribute::expand(Access::Requires, args.clone(), item.clone()));
    let Ok(expanded) = expanded else { panic!("the macro panicked at: {text}") };
    let refused = expanded.to_string().contains("compile_error");
    let Ok(printed) = syn::parse2::<File>(expanded) else {
        panic!("no list of items from: {text}")
    };
    if refused {
        return false;
    }
    let parts = parts(args);
    let asks = [
        ("has_role", count(&parts, &|kind| matches!(kind, PartKind::Role(_)))),
        ("has_scope", count(&parts, &|kind| matches!(kind, PartKind::Scope(_)))),
    ];
    let mut listed = Vec::new();
    lists(&quote!(#[requires(#args)] #item), &mut listed);
    let mut seen = 0;
    each_body(&printed.items, &mut |signature, block, record| {
        let name = signature.ident.to_string();
        let takes_guard = signature.inputs.first().is_some_and(|first| {
            first.to_token_stream().to_string().contains(&format!("Guard < {name} >"))
        });
        if takes_guard || says_first(block, &format!("check :: < {name} >")) {
            for (check, count) in asks {
                let found = record.matches(check).count();
                assert!(found >= count, "`{name}` lacks the block's `{check}`: {text}");
            }
        } else {
            assert!(listed.contains(&name), "nobody checks who calls `{name}`: {text}");
        }
        seen += 1;
    });
    let mut written = 0;
    let item = syn::parse2(item).expect("an item");
    each_body(&[item], &mut |_, _, _| written += 1);
    assert_eq!(seen, written, "a function was lost or doubled: {text}");
    true
}

fn parts(args: &TokenStream) -> Vec<Part> {
    let mut errors = Errors::new();
    let args = args::parse(Access::Requires, args.clone(), &mut errors);
    assert!(errors.finish().is_ok());
    args.parts
}

/// Every name in an `unreachable(…)`, at any depth.
fn lists(tokens: &TokenStream, names: &mut Vec<String>) {
    let mut before = String::new();
    for token in tokens.clone() {
        if let proc_macro2::TokenTree::Group(group) = &token {
            if before == "unreachable" {
                names.extend(group.stream().into_iter().map(|name| name.to_string()));
            }
            lists(&group.stream(), names);
        }
        before = token.to_string();
    }
}

/// Every function that ends in `"body"`, with its record: what follows in a module, the body itself in
/// an `impl`.
fn each_body(items: &[Item], look: &mut dyn FnMut(&Signature, &Block, String)) {
    for (position, item) in items.iter().enumerate() {
        match item {
            Item::Fn(it) => {
                // The type comes first.
                let record = items.get(position + 2).to_token_stream();
                look_at(&it.sig, &it.block, &record, look);
            }
            Item::Mod(syn::ItemMod { content: Some((_, items)), .. }) => each_body(items, look),
            Item::Impl(it) => {
                for item in &it.items {
                    if let ImplItem::Fn(it) = item {
                        look_at(&it.sig, &it.block, &it.block, look);
                    }
                }
            }
            Item::Trait(it) => {
                for item in &it.items {
                    if let TraitItem::Fn(it) = item
                        && let Some(block) = &it.default
                    {
                        look_at(&it.sig, block, block, look);
                    }
                }
            }
            _ => {}
        }
    }
}

fn look_at(
    signature: &Signature,
    block: &Block,
    record: &impl ToTokens,
    look: &mut dyn FnMut(&Signature, &Block, String),
) {
    // The last statement, since the check in front may have the word in a name.
    if block.stmts.last().to_token_stream().to_string().contains("\"body\"") {
        look(signature, block, record.to_token_stream().to_string());
    }
}
