use authz_core::requires;

#[requires(role = "clerk", policy = authz_tests::warehouse)]
fn pack() {}

fn main() {}
