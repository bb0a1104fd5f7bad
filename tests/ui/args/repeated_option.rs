use authz_core::{public, requires};
use authz_tests::policy;

use authz_core::Denied;

#[requires(mfa, identity = who, identity = who)]
fn identity(who: &policy::Identity) -> Result<(), Denied> {
    Ok(())
}

#[requires(mfa, policy = crate::policy, policy = authz_tests::warehouse)]
fn moved() {}

#[requires(crate = ::authz_core, mfa, crate = ::authz_core)]
fn krate() {}

#[public(reason = "load balancer probe", reason = "nothing to see")]
fn reason() {}

fn main() {}
