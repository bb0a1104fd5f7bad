//! Names that are in the vocabulary; each a neighbour of the mistakes in `names`.

use authz_core::requires;
use authz_tests::policy;
use authz_tests::policy::{Role, Scope};
use authz_tests::warehouse;

#[requires(role = "clerk", scope = "write:orders")]
fn by_wire_name() {}

#[requires(role = Role::Clerk, scope = Scope::WriteOrders)]
fn by_variant() {}

#[requires(any(role = policy::Role::Admin, not(all(role = "clerk", scope = "read:orders"))), mfa)]
fn inside_a_tree() {}

#[requires(role = "packer", scope = warehouse::Scope::ReadStock, policy = warehouse)]
fn of_another_policy() {}

fn main() {}
