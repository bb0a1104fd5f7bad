use authz_core::requires;
use authz_tests::policy;

use authz_core::object::ChecksObjects;
use authz_core::registry::Function;
use authz_core::{Guarded, Identity, OpenToAll, Resource, Roles, Rule, Scopes, public};
use authz_tests::policy::{Policy, Role, Scope};

#[public(reason = "load balancer probe")]
async fn health() {}

#[requires(role = "manager")]
async fn refund() {}

struct Payroll;

impl OpenToAll for Payroll {
    type Policy = Policy;
    const FUNCTION: &'static Function = <refund as Guarded>::FUNCTION;
}

impl Guarded for Payroll {
    type Policy = Policy;
    const FUNCTION: &'static Function = <refund as Guarded>::FUNCTION;

    fn permits(_: &Identity<Policy>) -> bool {
        true
    }
}

impl ChecksObjects for Payroll {
    const OBJECT: authz_core::registry::Object = authz_core::registry::Object::Any;

    fn sees_any_owner(_: &Identity<Policy>) -> bool {
        true
    }
}

impl Resource for Payroll {
    const NAME: &'static str = "Order";

    fn belongs_to(&self, _: &authz_core::object::Claimant<'_>) -> bool {
        true
    }

    fn is_of_tenant(&self, _: &authz_core::object::Claimant<'_>) -> bool {
        true
    }
}

impl<P: authz_core::Policy> Rule<P> for Payroll {
    const NAMED: &'static authz_core::Named = todo!();

    fn permits(_: &Identity<P>) -> bool {
        true
    }
}

impl authz_core::Policy for Payroll {
    type Role = Role;
    type Scope = Scope;
    const RECORD: &'static authz_core::registry::PolicyRecord = Policy::RECORD;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Shelf {
    Top,
}

impl Roles for Shelf {
    const GRANTS: &'static [authz_core::vocabulary::Grant] = &[];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Keeper {
    Night,
}

impl Scopes for Keeper {}

fn main() {}
