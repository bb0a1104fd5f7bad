//! What the derives make, used as a service uses it: 3, 200 and 4,096 names behave alike.
#![expect(
    unreachable_pub,
    reason = "a test may stop, and its modules look like those of a service"
)]

use authz_core::__private::PolicyRecord;
use authz_core::{Policy as _, Vocabulary};

mod small {
    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        /// Runs the shop.
        ///
        /// Not the till.
        #[role("shop-admin", includes(Clerk))]
        Admin,
        #[role(grants(Scope::WriteOrders, "read:orders"))]
        Clerk,
        Auditor,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        /** See every order. */
        #[scope("read:orders")]
        ReadOrders,
        #[scope("write:orders", includes(ReadOrders))]
        WriteOrders,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

mod medium {
    include!(concat!(env!("OUT_DIR"), "/roles_200.rs"));
}

mod large {
    include!(concat!(env!("OUT_DIR"), "/scopes_4096.rs"));

    authz_core::policy!(pub Policy { roles: super::medium::Role, scopes: Scope });
}

use small::{Role, Scope};

#[test]
fn names_lead_to_variants_and_back() {
    fn check<V: Vocabulary>(count: usize) {
        assert_eq!(V::all().len(), count);
        for (index, name) in V::all().iter().enumerate() {
            assert_eq!(name.index(), index);
            assert_eq!(V::from_wire_name(name.wire_name()), Some(*name));
            assert_eq!(V::from_wire_name(&name.wire_name().to_uppercase()), None);
        }
        assert_eq!(V::from_wire_name(""), None);
        assert_eq!(V::from_wire_name("name:9999"), None);
    }
    check::<Role>(3);
    check::<Scope>(2);
    check::<medium::Role>(200);
    check::<large::Scope>(4096);
}

#[test]
fn a_wire_name_is_set_or_follows_from_the_variant() {
    assert_eq!(Role::Admin.wire_name(), "shop-admin");
    assert_eq!(Role::Auditor.wire_name(), "auditor");
    assert_eq!(large::Scope::V4095.wire_name(), "name:4095");
}

#[test]
fn documentation_is_kept_without_its_indentation() {
    assert_eq!(Role::Admin.documentation(), "Runs the shop.\n\nNot the till.");
    assert_eq!(Role::Clerk.documentation(), "");
    assert_eq!(Scope::ReadOrders.documentation(), "See every order.");
    assert_eq!(medium::Role::V199.documentation(), "Documentation of 199.");
}

#[test]
fn a_few_names_include_what_they_say() {
    assert!(Role::Admin.includes(Role::Admin));
    assert!(Role::Admin.includes(Role::Clerk));
    assert!(!Role::Clerk.includes(Role::Admin));
    assert!(!Role::Admin.includes(Role::Auditor));
    assert!(Scope::WriteOrders.includes(Scope::ReadOrders));
    assert!(!Scope::ReadOrders.includes(Scope::WriteOrders));
}

#[test]
fn in_a_tree_a_name_includes_its_descendants_alone() {
    for upper in medium::Role::all() {
        for lower in medium::Role::all() {
            let mut ancestor = lower.index();
            while ancestor > upper.index() {
                ancestor = (ancestor - 1) / 2;
            }
            assert_eq!(upper.includes(*lower), ancestor == upper.index());
        }
    }
}

#[test]
fn in_a_chain_a_name_includes_all_that_follow() {
    for upper in large::Scope::all() {
        for lower in large::Scope::all() {
            assert_eq!(upper.includes(*lower), upper.index() <= lower.index());
        }
    }
}

/// The format in the documentation of `registry`, written down a second time.
#[test]
fn the_record_of_a_policy_holds_the_table() {
    fn check<V: Vocabulary>() {
        let number = |number: usize| u32::try_from(number).expect("a small number").to_le_bytes();
        let table = V::TABLE;
        let mut bytes = number(table.names.len()).to_vec();
        for index in 0..table.names.len() {
            for text in [table.names[index], table.variants[index], table.docs[index]] {
                bytes.extend(number(text.len()));
                bytes.extend(text.as_bytes());
            }
            bytes.extend(number(table.includes[index].len()));
            for included in table.includes[index] {
                bytes.extend(included.to_le_bytes());
            }
        }
        assert_eq!(table.record, bytes);
    }
    check::<Role>();
    check::<Scope>();
    check::<medium::Role>();
    check::<large::Scope>();
}

#[test]
fn the_index_is_known_at_compile_time() {
    const CLERK: usize = Role::Clerk.__authz_index();
    const LAST: usize = large::Scope::V4095.__authz_index();
    assert_eq!((CLERK, LAST), (1, 4095));
}

#[test]
fn a_policy_resolves_grants_by_path_and_by_name() {
    const RECORD: &PolicyRecord = small::Policy::RECORD;
    let text = format!("{RECORD:?}");
    assert!(text.contains("grants: [(1, 1), (1, 0)]"), "{text}");
    assert_eq!(large::Policy::RECORD.id(), "vocabulary::large::Policy");
}
