//! What it costs a running program of 1,000 guarded functions to tell its manifest. Ten times as many
//! take ten times as long, and take the compiler minutes.
//!
//! `cargo bench -p authz-core --bench manifest`

#![expect(missing_docs, reason = "a thousand functions that say nothing")]

use divan::Bencher;

mod policy {
    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        #[role(includes(Clerk))]
        Manager,
        Clerk,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        #[scope("write:orders")]
        WriteOrders,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

fn main() {
    divan::main();
}

/// Ten modules, in each of them ten modules, and so on; in the innermost a guarded function.
macro_rules! modules {
    () => {
        /// Pays an order back.
        #[authz_core::requires(role = "clerk", any(scope = "write:orders", mfa), max_age = "5m")]
        pub fn refund() {}
    };
    ($deeper:tt $($rest:tt)*) => {
        pub mod m0 { modules! { $($rest)* } }
        pub mod m1 { modules! { $($rest)* } }
        pub mod m2 { modules! { $($rest)* } }
        pub mod m3 { modules! { $($rest)* } }
        pub mod m4 { modules! { $($rest)* } }
        pub mod m5 { modules! { $($rest)* } }
        pub mod m6 { modules! { $($rest)* } }
        pub mod m7 { modules! { $($rest)* } }
        pub mod m8 { modules! { $($rest)* } }
        pub mod m9 { modules! { $($rest)* } }
    };
}

pub mod shop {
    modules! { hundreds tens ones }
}

#[divan::bench]
fn a_thousand_functions(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| {
        let manifest = authz_core::manifest();
        assert!(manifest.is_ok_and(|manifest| manifest.functions.len() == 1_000));
    });
}
