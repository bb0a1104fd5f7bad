//! Rules in their right places; each a neighbour of the mistakes in `rule`.

use authz_core::requires;
use authz_tests::policy;
use authz_tests::warehouse;

authz_core::rule!(
    /// Money goes out.
    pub Refund = all(role = "clerk", scope = "write:orders", mfa, max_age = "5m")
);
authz_core::rule!(WriteOff = any(rule = Refund, role = "admin"));
authz_core::rule!(pub(crate) Packing = role = "packer", policy = warehouse);

mod elsewhere {
    authz_core::rule!(pub Strong = acr = "gold", policy = authz_tests::policy);
}

#[requires(rule = Refund)]
fn alone() {}

#[requires(rule = self::WriteOff, scope = "read:orders")]
fn beside_others() {}

#[requires(any(rule = elsewhere::Strong, mfa), not(rule = Refund))]
fn in_groups() {}

#[requires(role = "clerk", shadow = Refund)]
fn in_the_shadow() {}

#[requires(authenticated, shadow = elsewhere::Strong)]
fn in_another_shadow() {}

#[requires(rule = Packing, scope = warehouse::Scope::ReadStock, policy = warehouse)]
fn of_another_policy() {}

fn main() {}
