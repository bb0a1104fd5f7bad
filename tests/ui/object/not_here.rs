use authz_core::{Guard, manual, public, requires};
use authz_tests::policy;

#[requires(scope = "read:orders", object = owner, any_owner(role = "auditor"))]
mod orders {
    use authz_core::requires;

    #[requires]
    fn list() {}
}

#[manual(reason = "shows the caller its own", object = owner)]
fn own(guard: Guard<own>) {}

#[public(reason = "load balancer probe", any_owner(role = "auditor"))]
fn health() {}

fn main() {}
