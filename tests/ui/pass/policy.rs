//! Policies without fault; each a neighbour of the mistakes in `policy`.

use authz_core::requires;

mod policy {
    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        #[role(grants("read", Scope::Write))]
        Clerk,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        Read,
        Write,
    }

    authz_core::policy!(
        /// Of the shop.
        pub Shop { roles: Role, scopes: Scope, }
    );
}

#[requires(mfa)]
fn under_the_policy_of_the_crate() {}

#[requires(mfa, policy = policy::Shop)]
fn under_the_policy_by_its_name() {}

#[requires(mfa, policy = authz_tests::warehouse)]
fn under_the_policy_of_another_crate() {}

fn main() {}
