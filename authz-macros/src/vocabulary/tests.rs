//! Expansions as the compiler sees them, and each refusal with its text.
#![expect(
    clippy::needless_pass_by_value,
    reason = "a test may stop, and takes `quote!` as it comes"
)]

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Item, LitStr};

use super::{Kind, derive};

/// The expansion, printed.
fn expansion(kind: Kind, item: TokenStream) -> String {
    let file: syn::File =
        syn::parse2(derive(kind, item)).expect("the expansion is a list of items");
    let text = prettyplease::unparse(&file);
    for forbidden in ["unsafe", "unwrap", "expect(", "panic", "allow(", "std::"] {
        assert!(!text.contains(forbidden), "`{forbidden}` in\n{text}");
    }
    text
}

/// The errors, in their order.
fn faults(kind: Kind, item: TokenStream) -> Vec<String> {
    let file: syn::File =
        syn::parse2(derive(kind, item)).expect("the expansion is a list of items");
    file.items
        .iter()
        .filter_map(|item| match item {
            Item::Macro(item) if item.mac.path.segments.last()?.ident == "compile_error" => {
                Some(item.mac.parse_body::<LitStr>().expect("an error has a text").value())
            }
            _ => None,
        })
        .collect()
}

fn roles(item: TokenStream) -> Vec<String> {
    faults(Kind::Role, item)
}

fn scopes(item: TokenStream) -> Vec<String> {
    faults(Kind::Scope, item)
}

/// The only error of roles with these variants.
fn role_fault(variants: TokenStream) -> String {
    only(roles(quote!(pub enum Role { #variants })))
}

fn scope_fault(variants: TokenStream) -> String {
    only(scopes(quote!(pub enum Scope { #variants })))
}

fn only(mut faults: Vec<String>) -> String {
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults.remove(0)
}

mod expands {
    use super::*;

    #[test]
    fn roles_with_hierarchy_and_grants() {
        insta::assert_snapshot!(expansion(
            Kind::Role,
            quote! {
                #[derive(Clone, Copy)]
                pub enum Role {
                    /// Runs the shop.
                    ///
                    /// All of it.
                    #[role(includes(Manager))]
                    ShopAdmin,
                    #[role("shop-manager", includes(Role::Clerk, Self::Auditor))]
                    Manager,
                    #[role(grants(Scope::WriteOrders, "read:orders"))]
                    Clerk,
                    Auditor,
                }
            },
        ));
    }

    #[test]
    fn scopes_under_a_renamed_runtime() {
        let text = expansion(
            Kind::Scope,
            quote! {
                #[scopes(crate = crate::reexport::authz)]
                enum Scope {
                    #[scope("read:orders")]
                    ReadOrders,
                    #[scope("write:orders", includes(ReadOrders),)]
                    WriteOrders,
                }
            },
        );
        assert!(!text.contains("authz_core"), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_faulty_enum_still_implements_the_traits() {
        insta::assert_snapshot!(expansion(
            Kind::Role,
            quote! {
                pub enum Role {
                    #[role(includes(Clerk))]
                    Admin,
                    #[role(includes(Admin, Nobody), grants(WriteOrders))]
                    Clerk,
                    #[role("clerk")]
                    Other(u8),
                }
            },
        ));
    }

    #[test]
    fn wire_names_follow_from_variants() {
        let text = expansion(
            Kind::Role,
            quote! {
                enum Role { Admin, ShopAdmin, HTTPClient, Level2, Level2Support, r#type, snake_case, __Odd__ }
            },
        );
        for name in [
            "admin",
            "shop-admin",
            "http-client",
            "level2",
            "level2-support",
            "type",
            "snake-case",
            "odd",
        ] {
            assert!(text.contains(&format!("\"{name}\"")), "{name} in\n{text}");
        }
    }

    #[test]
    fn thousands_of_names_in_a_chain_are_one_short_step_each() {
        let variants = (0..4096_u32).map(|index| {
            let ident = format_ident!("V{index}");
            let next = format_ident!("V{}", index + 1);
            let includes = (index < 4095).then(|| quote!(#[scope(includes(#next))]));
            quote!(#includes #ident)
        });
        let text = expansion(Kind::Scope, quote!(enum Scope { #(#variants),* }));
        assert!(text.len() < 1_000_000, "{} bytes", text.len());
    }
}

mod refuses {
    use super::*;

    #[test]
    fn what_is_no_enum() {
        assert_eq!(
            only(roles(quote!(
                struct Role;
            ))),
            "`#[derive(Roles)]` takes an enum with one variant for each role; `Role` is a struct",
        );
        assert_eq!(
            only(scopes(quote!(union Scope { a: u8 }))),
            "`#[derive(Scopes)]` takes an enum with one variant for each scope; `Scope` is a union",
        );
    }

    #[test]
    fn generic_parameters() {
        assert_eq!(
            only(roles(quote!(
                enum Role<T> {
                    Admin,
                }
            ))),
            "`Role` is generic, and a vocabulary is one list of names fixed at compile time; \
             remove the parameters",
        );
        assert_eq!(
            roles(quote!(
                enum Role
                where
                    u8: Copy,
                {
                    Admin,
                }
            ))
            .len(),
            1
        );
    }

    #[test]
    fn an_empty_enum() {
        assert_eq!(
            role_fault(quote!()),
            "`Role` has no variants, and a vocabulary names at least one role; add a variant",
        );
    }

    #[test]
    fn fields_and_discriminants() {
        assert_eq!(
            role_fault(quote!(Admin(u8))),
            "`Admin` has fields, and a role is a name alone; remove them",
        );
        assert_eq!(
            scope_fault(quote!(Read { id: u8 })),
            "`Read` has fields, and a scope is a name alone; remove them",
        );
        assert_eq!(
            role_fault(quote!(Admin = 5)),
            "`Admin` has an explicit discriminant, and the number of a role is its position in the \
             enum; remove `= 5`",
        );
    }

    #[test]
    fn unknown_keys() {
        assert_eq!(
            role_fault(quote!(
                #[role(include(Clerk))]
                Admin,
                Clerk
            )),
            "unknown key `include` in `#[role]`; expected `includes`, `excludes` or `grants`; did you mean \
             `includes`?",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(grant("read"))]
                Admin
            )),
            "unknown key `grant` in `#[role]`; expected `includes`, `excludes` or `grants`; did you mean \
             `grants`?",
        );
        assert_eq!(
            scope_fault(quote!(
                #[scope(implies(Read))]
                Write,
                Read
            )),
            "unknown key `implies` in `#[scope]`; expected `includes`",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(Clerk)]
                Admin,
                Clerk
            )),
            "unknown key `Clerk` in `#[role]`; expected `includes`, `excludes` or `grants`; to include it, \
             write `includes(Clerk)`",
        );
        assert_eq!(
            scope_fault(quote!(
                #[scope(rename = "read:orders")]
                Read
            )),
            "unknown key `rename` in `#[scope]`; expected `includes`; the wire name stands alone: \
             `#[scope(\"...\")]`",
        );
        assert_eq!(
            only(roles(quote!(
                #[roles(krate = x)]
                enum Role {
                    Admin,
                }
            ))),
            "unknown key `krate` in `#[roles]`; expected `crate`; did you mean `crate`?",
        );
    }

    #[test]
    fn repeated_keys() {
        let expected = "repeated key `includes`; write all names in one `includes(...)`";
        assert_eq!(
            role_fault(quote!(
                #[role(includes(B), includes(C))]
                A,
                B,
                C
            )),
            expected,
        );
        assert_eq!(
            role_fault(quote!(
                #[role(includes(B))]
                #[role(includes(C))]
                A,
                B,
                C
            )),
            expected,
        );
        assert_eq!(
            role_fault(quote!(
                #[role("a", "b")]
                A
            )),
            "`A` has a wire name already; give one only",
        );
        assert_eq!(
            only(roles(quote!(
                #[roles(crate = x, crate = y)]
                enum Role {
                    Admin,
                }
            ))),
            "repeated key `crate`; give the path once",
        );
    }

    #[test]
    fn wrong_literals() {
        assert_eq!(
            role_fault(quote!(
                #[role(5)]
                A
            )),
            "a wire name is a string without a suffix, not `5`; write `\"...\"`",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(grants(b"read"))]
                A
            )),
            "a scope is a string without a suffix, not `b\"read\"`; write `\"...\"`",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(includes("b"))]
                A,
                B
            )),
            "`includes` takes variants of this enum, not literals: `includes(Variant)`",
        );
        assert_eq!(
            only(roles(quote!(
                #[roles(crate = "x")]
                enum Role {
                    Admin,
                }
            ))),
            "`crate` takes a path without quotes: `crate = path`",
        );
    }

    #[test]
    fn malformed_arguments() {
        assert_eq!(
            role_fault(quote!(
                #[role]
                A
            )),
            "`#[role]` takes its arguments in parentheses: `#[role(\"wire-name\")]`",
        );
        assert_eq!(
            role_fault(quote!(
                #[role = "a"]
                A
            )),
            "`#[role]` takes its arguments in parentheses: `#[role(\"wire-name\")]`",
        );
        assert_eq!(
            role_fault(quote!(
                #[role()]
                A
            )),
            "empty `#[role()]`; write `#[role(\"wire-name\")]`, or leave it out",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(includes())]
                A
            )),
            "empty `includes()`; write at least one name, or leave it out",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(grants())]
                A
            )),
            "empty `grants()`; write at least one name, or leave it out",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(includes = B)]
                A,
                B
            )),
            "`includes` takes its names in parentheses: `includes(...)`",
        );
        assert_eq!(
            role_fault(quote!(
                #[role("a" includes(B))]
                A,
                B
            )),
            "expected `,` or the end of the list",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(, includes(B))]
                A,
                B
            )),
            "expected a wire name, `includes(...)`, `excludes(...)` or `grants(...)`",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(includes(B), "a")]
                A,
                B
            )),
            "the wire name stands first: `#[role(\"a\", ...)]`",
        );
        assert_eq!(
            only(roles(quote!(
                #[roles(crate)]
                enum Role {
                    Admin,
                }
            ))),
            "`crate` takes the path to the renamed `authz_core`: `crate = path`",
        );
    }

    #[test]
    fn attributes_in_the_wrong_place() {
        assert_eq!(
            role_fault(quote!(
                #[scope("a")]
                A
            )),
            "`#[scope(...)]` on `A`, which `#[derive(Roles)]` makes a role; write `#[role(...)]`",
        );
        assert_eq!(
            scope_fault(quote!(
                #[role("a")]
                A
            )),
            "`#[role(...)]` on `A`, which `#[derive(Scopes)]` makes a scope; write `#[scope(...)]`",
        );
        assert_eq!(
            role_fault(quote!(
                #[roles(crate = x)]
                A
            )),
            "`#[roles(...)]` belongs on the enum; a variant takes `#[role(...)]`",
        );
        assert_eq!(
            only(roles(quote!(
                #[role("a")]
                enum Role {
                    Admin,
                }
            ))),
            "`#[role(...)]` belongs on a variant; the enum takes `#[roles(crate = path)]`",
        );
        assert_eq!(
            only(roles(quote!(
                #[scopes(crate = x)]
                enum Role {
                    Admin,
                }
            ))),
            "`#[scopes(...)]` on `Role`, which `#[derive(Roles)]` makes a vocabulary of roles; \
             write `#[roles(...)]`",
        );
    }

    #[test]
    fn grants_of_a_scope() {
        assert_eq!(
            scope_fault(quote!(
                #[scope(grants(Read))]
                Write,
                Read
            )),
            "only roles grant; a scope that covers another says `includes(...)`",
        );
    }

    #[test]
    fn faulty_grants() {
        assert_eq!(
            role_fault(quote!(
                #[role(grants(WriteOrders))]
                Clerk
            )),
            "`WriteOrders` does not say whose variant it is; write `Scope::WriteOrders`, with the \
             enum of the scopes, or the wire name as a string",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(grants(policy::Scope::Read, policy::Scope::Read))]
                Clerk
            )),
            "`Clerk` grants `policy::Scope::Read` twice; remove one",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(grants("read", "read"))]
                Clerk
            )),
            "`Clerk` grants `read` twice; remove one",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(grants(""))]
                Clerk
            )),
            "empty wire name; write the name of a scope",
        );
    }

    #[test]
    fn faulty_inclusions() {
        assert_eq!(
            role_fault(quote!(
                #[role(includes(Clark))]
                Admin,
                Clerk
            )),
            "`Clark` is not a variant of `Role`; did you mean `Clerk`?",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(includes(Admin))]
                Admin
            )),
            "every role includes itself; remove `Admin`",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(includes(Clerk, Self::Clerk))]
                Admin,
                Clerk
            )),
            "`Admin` includes `Clerk` twice; remove one",
        );
        assert_eq!(
            role_fault(quote!(
                #[role(includes(Scope::Read))]
                Admin
            )),
            "`includes` takes variants of `Role`, not `Scope::Read`; it stays within one vocabulary",
        );
    }

    #[test]
    fn circles_once_each() {
        assert_eq!(
            role_fault(quote! {
                #[role(includes(Manager))] Admin,
                #[role(includes(Clerk, Admin))] Manager,
                Clerk,
            }),
            "`includes` goes round in a circle: `Admin` → `Manager` → `Admin`; a role can't \
             include itself: remove one of the steps",
        );
        let two = roles(quote! {
            enum Role {
                #[role(includes(B))] A,
                #[role(includes(A))] B,
                #[role(includes(D))] C,
                #[role(includes(E))] D,
                #[role(includes(C))] E,
            }
        });
        assert_eq!(two.len(), 2, "{two:#?}");
        assert!(two[1].contains("`C` → `D` → `E` → `C`"), "{}", two[1]);
    }

    #[test]
    fn long_circles_with_their_middle_left_out() {
        let variants = (0..4096_u32).map(|index| {
            let ident = format_ident!("V{index}");
            let next = format_ident!("V{}", (index + 1) % 4096);
            quote!(#[role(includes(#next))] #ident)
        });
        assert_eq!(
            role_fault(quote!(#(#variants),*)),
            "`includes` goes round in a circle: `V0` → `V1` → `V2` → `V3` → `V4` → `V5` → `V6` → \
             `V7` → … → `V4095` → `V0`; a role can't include itself: remove one of the steps",
        );
    }

    #[test]
    fn one_wire_name_for_two_variants() {
        assert_eq!(
            role_fault(quote!(
                Admin,
                #[role("admin")]
                Boss
            )),
            "`Admin` and `Boss` have one wire name, `admin`, and a token could not tell them \
             apart; give one of them another with `#[role(\"...\")]`",
        );
    }

    #[test]
    fn one_hash_for_two_names() {
        assert_eq!(
            scope_fault(quote! {
                #[scope("8yn0iYCKYHlIj4-BwPqk")] A,
                #[scope("GReLUrM4wMqfg9yzV3KQ")] B,
            }),
            "the wire names `8yn0iYCKYHlIj4-BwPqk` and `GReLUrM4wMqfg9yzV3KQ` of `A` and `B` have \
             one hash, by which names are found; give one of them another with \
             `#[scope(\"...\")]`",
        );
    }

    #[test]
    fn wire_names_that_no_token_can_carry() {
        assert_eq!(
            role_fault(quote!(
                #[role("")]
                ShopAdmin
            )),
            "empty wire name; write a name, or leave it out for `shop-admin`, which follows from \
             the variant",
        );
        assert_eq!(
            scope_fault(quote!(
                #[scope("read write")]
                A
            )),
            "a scope can't contain a space, which separates names in a token (RFC 6749, section \
             3.3: printable ASCII without space, `\"` and `\\`): `read write`; write one variant \
             for each scope",
        );
        assert_eq!(
            scope_fault(quote!(
                #[scope("lire:été")]
                A
            )),
            "a scope can't contain `é` (RFC 6749, section 3.3: printable ASCII without space, `\"` \
             and `\\`): `lire:été`",
        );
        assert_eq!(
            role_fault(quote!(
                #[role("a\tb")]
                A
            )),
            "a role can't contain `\\t` (RFC 6749, section 3.3: printable ASCII without space, \
             `\"` and `\\`): `a\\tb`",
        );
        for name in ["a\"b", "a\\b", "a\u{7f}"] {
            assert!(
                scope_fault(quote!(
                    #[scope(#name)]
                    A
                ))
                .starts_with("a scope can't contain `")
            );
        }
        assert_eq!(
            role_fault(quote!(Müller)),
            "the variant `Müller` gives no wire name, because `ü` is not allowed in one (RFC 6749, \
             section 3.3: printable ASCII without space, `\"` and `\\`); set it with \
             `#[role(\"...\")]`",
        );
        assert_eq!(
            roles(quote!(
                enum Role {
                    #[role("a,b:!#$%&'()*+-./;<=>?@[]^_`{|}~0Z")]
                    A,
                }
            )),
            [""; 0],
        );
    }

    #[test]
    fn every_fault_of_an_enum_at_once() {
        let found = roles(quote! {
            enum Role {
                #[role("a b", includes(Nobody), grant("x"))]
                A,
                #[role(includes())]
                B = 7,
                #[role("dup")]
                C,
                #[role("dup")]
                D,
            }
        });
        assert_eq!(found.len(), 6, "{found:#?}");
    }
}

mod closes {
    use crate::vocabulary::closure::{close, steps, walk};

    /// A linear congruential generator (Knuth's MMIX constants): the same graphs in every run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).expect("31 bits") % limit
        }
    }

    /// Warshall's algorithm, on a matrix of booleans.
    fn naive(includes: &[Vec<usize>]) -> Vec<Vec<bool>> {
        let count = includes.len();
        let mut reaches = vec![vec![false; count]; count];
        for (name, included) in includes.iter().enumerate() {
            reaches[name][name] = true;
            for &to in included {
                reaches[name][to] = true;
            }
        }
        for middle in 0..count {
            for from in 0..count {
                for to in 0..count {
                    reaches[from][to] |= reaches[from][middle] && reaches[middle][to];
                }
            }
        }
        reaches
    }

    /// As the runtime unfolds the steps.
    fn unfold(count: usize, steps: &[super::super::closure::Step]) -> Vec<Vec<u64>> {
        let mut rows: Vec<Vec<u64>> = (0..count)
            .map(|name| {
                let mut row = vec![0; count.div_ceil(64)];
                row[name / 64] = 1 << (name % 64);
                row
            })
            .collect();
        for step in steps {
            rows[step.row] = rows[step.base].clone();
            rows[step.row][step.row / 64] |= 1 << (step.row % 64);
            for (word, bits) in &step.more {
                rows[step.row][*word] |= bits;
            }
        }
        rows
    }

    #[test]
    fn a_thousand_random_hierarchies_as_the_naive_closure_does() {
        let mut random = Random(42);
        for _ in 0..1_000 {
            let count = 1 + random.below(90);
            let density = 1 + random.below(40);
            // Edges follow a random order of the names, so that they go up as well as down.
            let mut rank: Vec<usize> = (0..count).collect();
            for place in (1..count).rev() {
                let other = random.below(place + 1);
                rank.swap(place, other);
            }
            let includes: Vec<Vec<usize>> = rank
                .iter()
                .map(|from| {
                    let mut included: Vec<usize> =
                        (0..count).filter(|to| rank[*to] > *from).collect();
                    included.retain(|_| random.below(density) == 0);
                    included
                })
                .collect();

            let walk = walk(&includes);
            assert!(walk.circles.is_empty());
            let rows = close(&includes, &walk.order);
            for (name, reached) in naive(&includes).iter().enumerate() {
                for (to, reached) in reached.iter().enumerate() {
                    assert_eq!(rows[name][to / 64] >> (to % 64) & 1 == 1, *reached);
                }
            }
            let steps = steps(&includes, &walk.order, &rows);
            assert_eq!(unfold(includes.len(), &steps), rows);
        }
    }

    #[test]
    fn after_the_edges_that_close_circles_are_gone_there_is_no_circle() {
        let mut random = Random(7);
        for _ in 0..1_000 {
            let count = 2 + random.below(20);
            let mut includes: Vec<Vec<usize>> = (0..count)
                .map(|name| (0..count).filter(|to| *to != name && random.below(6) == 0).collect())
                .collect();
            let reaches = naive(&includes);
            let has_circle =
                (0..count).any(|name| includes[name].iter().any(|to| reaches[*to][name]));
            let mut circles = walk(&includes).circles;
            assert_eq!(!circles.is_empty(), has_circle);
            for circle in &circles {
                for pair in circle.members.windows(2) {
                    assert!(includes[pair[0]].contains(&pair[1]));
                }
            }
            circles.sort_unstable_by_key(|circle| circle.closed_by);
            for circle in circles.iter().rev() {
                includes[circle.closed_by.0].remove(circle.closed_by.1);
            }
            assert!(walk(&includes).circles.is_empty());
        }
    }
}
