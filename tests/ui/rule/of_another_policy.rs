use authz_core::requires;
use authz_tests::policy;

mod rules {
    authz_core::rule!(pub Packing = role = "packer", policy = authz_tests::warehouse);
}

#[requires(rule = rules::Packing)]
fn refund() {}

fn main() {}
