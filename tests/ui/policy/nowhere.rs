use authz_core::requires;

#[requires(mfa)]
fn refund() {}

fn main() {}
