//! One snapshot for each way through `expand`, and what every expansion must and must not have.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{File, ImplItem, Item, ItemFn, Stmt};

use crate::args::Access;
use crate::attribute;
use crate::names::hash;

/// The expansion, parsed and judged.
fn expand(access: Access, args: TokenStream, item: TokenStream) -> File {
    let tokens = attribute::expand(access, args, item);
    let file: File = syn::parse2(tokens).expect("the expansion is a list of items");
    let text = prettyplease::unparse(&file);
    for forbidden in ["unsafe", "unwrap", "expect(", "panic", "todo!", "transmute", "std::"] {
        assert!(!text.contains(forbidden), "`{forbidden}` in\n{text}");
    }
    file
}

/// The expansion of a function whose body says `"the body"`, printed.
fn guarded(access: Access, args: TokenStream, item: TokenStream) -> String {
    let file = expand(access, args, item);
    let text = prettyplease::unparse(&file);
    assert!(!text.contains("compile_error"), "refused:\n{text}");
    assert_eq!(text.matches("\"the body\"").count(), 1, "the body stands once:\n{text}");
    assert_eq!(functions(&file).len(), 1, "one function, no sibling:\n{text}");
    assert!(
        functions(&file)[0].block.stmts.iter().any(says_the_body),
        "the body is in the function:\n{text}"
    );
    assert!(text.contains("__register!"), "no record:\n{text}");
    text
}

fn functions(file: &File) -> Vec<&ItemFn> {
    let functions = file.items.iter().filter_map(|item| match item {
        Item::Fn(function) => Some(function),
        _ => None,
    });
    functions.collect()
}

fn says_the_body(statement: &Stmt) -> bool {
    quote!(#statement).to_string().contains("\"the body\"")
}

/// What `permits` answers, as it is written.
fn permits(file: &File) -> Option<String> {
    file.items.iter().find_map(|item| {
        let Item::Const(item) = item else { return None };
        let syn::Expr::Block(block) = &*item.expr else { return None };
        block.block.stmts.iter().find_map(|statement| {
            let Stmt::Item(Item::Impl(item)) = statement else { return None };
            item.items.iter().find_map(|item| match item {
                ImplItem::Fn(function) if function.sig.ident == "permits" => {
                    let last = function.block.stmts.last()?;
                    Some(quote!(#last).to_string())
                }
                _ => None,
            })
        })
    })
}

fn requires(args: TokenStream) -> String {
    let file = expand(
        Access::Requires,
        args,
        quote!(
            fn refund() {}
        ),
    );
    permits(&file)
        .expect("a check")
        .replace(":: authz_core :: __private :: ", "")
        .replace(":: authz_core :: Identity :: ", "Identity::")
}

#[test]
fn a_function_takes_its_guard_in_front() {
    let text = guarded(
        Access::Requires,
        quote!(role = "clerk", scope = "write:orders"),
        quote! {
            /// Pays an order back.
            #[must_use]
            pub fn refund(order: u32) -> &'static str {
                "the body"
            }
        },
    );
    assert!(text.contains("pub fn refund(_: ::authz_core::Guard<refund>, order: u32)"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_declared_guard_is_the_proof_and_is_checked_to_be_it() {
    let text = guarded(
        Access::Requires,
        quote!(role = Role::Clerk),
        quote! {
            fn refund(guard: Guard<refund>, order: u32) -> &'static str {
                "the body"
            }
        },
    );
    assert!(text.contains("fn refund(guard: Guard<refund>, order: u32)"), "{text}");
    assert!(
        text.contains("fn declared(proof: Guard<refund>) -> ::authz_core::Guard<refund>"),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn an_async_generic_function_keeps_its_signature() {
    let text = guarded(
        Access::Requires,
        quote!(scope = "read:orders", mfa),
        quote! {
            pub(crate) async fn list<'a, T: Clone, const N: usize>(
                State(shop): State<&'a T>,
                mut page: impl Into<u32>,
            ) -> Result<[T; N], Error>
            where
                T: Send + 'a,
            {
                "the body"
            }
        },
    );
    assert!(text.contains("pub(crate) async fn list<'a, T: Clone, const N: usize>("), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_named_identity_is_checked_at_the_head_of_the_body() {
    let file = expand(
        Access::Requires,
        quote!(scope = "write:orders", identity = who),
        quote! {
            fn cancel(who: &Identity) -> Result<(), Denied> {
                #![allow(clippy::all)]
                "the body"
            }
        },
    );
    let [cancel] = functions(&file)[..] else { panic!("one function, no sibling") };
    let first = &cancel.block.stmts[0];
    let first = quote!(#first).to_string();
    assert!(first.starts_with("if let :: core :: result :: Result :: Err (denied) ="), "{first}");
    assert!(first.contains("check :: < cancel >"), "{first}");
    assert!(first.ends_with("refuse (denied) ; }"), "{first}");
    assert!(says_the_body(cancel.block.stmts.last().expect("a statement")));
    insta::assert_snapshot!(prettyplease::unparse(&file));
}

#[test]
fn a_method_checks_its_identity_inside() {
    let tokens = attribute::expand(
        Access::Requires,
        quote!(role = "clerk", identity = self.who()),
        quote! {
            pub async fn cancel(&mut self, order: u32) -> Result<(), Denied> {
                "the body"
            }
        },
    );
    let method: syn::ImplItemFn = syn::parse2(tokens).expect("one method, and nothing beside it");
    let first = &method.block.stmts[0];
    let first = quote!(#first).to_string();
    assert!(first.contains("check :: < cancel >"), "{first}");
    assert!(first.contains("identity (& self . who ())"), "{first}");
    insta::assert_snapshot!(prettyplease::unparse(&syn::parse_quote!(impl Shop { #method })));
}

#[test]
fn a_public_handler_takes_the_sign_that_it_is_open() {
    let text = guarded(
        Access::Public,
        quote!(reason = "load balancer probe"),
        quote!(
            async fn health() -> &'static str {
                "the body"
            }
        ),
    );
    assert!(text.contains("async fn health(_: ::authz_core::Open<health>)"), "{text}");
    assert!(text.contains("impl ::authz_core::OpenToAll for health"), "{text}");
    assert!(!text.contains("Guarded"), "an open function makes no guards:\n{text}");
    assert!(text.contains("\"load balancer probe\""), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_public_function_is_called_as_it_is_written() {
    let text = guarded(
        Access::Public,
        quote!(reason = "opening hours are on the door"),
        quote!(
            fn hours(day: u32) -> &'static str {
                "the body"
            }
        ),
    );
    assert!(text.contains("fn hours(day: u32)"), "{text}");
}

#[test]
fn a_manual_function_takes_a_guard_of_any_identity() {
    let text = guarded(
        Access::Manual,
        quote!(reason = "the body asks the shop"),
        quote!(
            async fn me(guard: Guard<me>) -> &'static str {
                "the body"
            }
        ),
    );
    assert!(text.contains("Requirement::Authenticated"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn under_another_name_of_the_crate_nothing_names_the_usual_one() {
    let text = guarded(
        Access::Requires,
        quote!(role = "clerk", mfa, crate = ::authz, policy = shop::policy),
        quote!(
            fn refund(guard: Guard<refund>) -> &'static str {
                "the body"
            }
        ),
    );
    assert!(!text.contains("authz_core"), "{text}");
    assert!(text.contains("shop::policy::Policy"), "{text}");
}

#[test]
fn a_raw_name_stays_raw_in_code_and_plain_in_the_record() {
    let text = guarded(
        Access::Requires,
        quote!(role = "clerk"),
        quote!(
            fn r#type(guard: Guard<r#type>) -> &'static str {
                "the body"
            }
        ),
    );
    assert!(text.contains("enum r#type {}"), "{text}");
    assert!(text.contains("\"::type\""), "{text}");
}

#[test]
fn the_tree_is_one_expression_with_a_pair_of_parentheses_for_each_group() {
    let role = |name| format!("has_role :: < _ , {}u64 > (identity)", hash(name));
    let scope = |name| format!("has_scope :: < _ , {}u64 > (identity)", hash(name));
    let (a, b) = (role("a"), scope("b"));
    assert_eq!(requires(quote!(role = "a", scope = "b")), format!("({a} && {b})"));
    assert_eq!(
        requires(quote!(any(role = "a", all(scope = "b", mfa)), not(acr = "gold"))),
        format!("(({a} || ({b} && Identity::mfa (identity))) && ! has_acr (identity , \"gold\"))")
    );
    assert_eq!(
        requires(quote!(not(any(role = "a", role = "b")))),
        format!("! ({a} || {})", role("b"))
    );
    assert_eq!(requires(quote!(role = Role::A)), "has_role_at (identity , __NAME_0)");
    assert_eq!(requires(quote!(all(any(mfa)))), "Identity::mfa (identity)");
    assert_eq!(
        requires(quote!(not(bound), mfa)),
        "(! Identity::is_bound (identity) && Identity::mfa (identity))"
    );
    assert_eq!(
        requires(quote!(max_age = "5m")),
        "Identity::authenticated_within (identity , 300u64)"
    );
    assert_eq!(requires(quote!(authenticated)), "true");
}

#[test]
fn the_record_has_the_same_tree_as_the_check() {
    let text = guarded(
        Access::Requires,
        quote!(
            any(role = "manager", all(role = Role::Clerk, max_age = "1h", not(acr = "bronze"))),
            scope = "write:orders",
            mfa
        ),
        quote!(
            fn cancel() -> &'static str {
                "the body"
            }
        ),
    );
    insta::assert_snapshot!(text);
}

#[test]
fn beside_an_error_the_function_denies_everybody() {
    for (access, args) in [
        (Access::Requires, quote!(rol = "clerk")),
        (Access::Requires, quote!(role = "clerk", mfa, mfa)),
        (Access::Requires, quote!(any(authenticated, role = "clerk"))),
        (Access::Requires, quote!()),
        (Access::Requires, quote!(not(authenticated))),
        (Access::Manual, quote!()),
    ] {
        let file = expand(
            access,
            args,
            quote!(
                fn refund() {
                    "the body"
                }
            ),
        );
        let text = prettyplease::unparse(&file);
        assert!(text.contains("compile_error"), "{text}");
        assert_eq!(permits(&file).as_deref(), Some("false"), "{text}");
        assert_eq!(functions(&file).len(), 1, "{text}");
        assert!(text.contains("fn refund(_: ::authz_core::Guard<refund>)"), "{text}");
    }
}

#[test]
fn the_fallback_has_the_shape_of_the_function_and_no_second_attribute() {
    let file = expand(
        Access::Requires,
        quote!(rol = "clerk"),
        quote! {
            #[public(reason = "no")]
            #[must_use]
            fn refund(order: u32) -> &'static str {
                "the body"
            }
        },
    );
    let text = prettyplease::unparse(&file);
    assert!(!text.contains("#[public"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_no_function_stays_as_it_is_beside_the_error() {
    let file = expand(
        Access::Requires,
        quote!(role = "clerk"),
        quote!(
            struct Order {
                id: u32,
            }
        ),
    );
    insta::assert_snapshot!(prettyplease::unparse(&file));
}
