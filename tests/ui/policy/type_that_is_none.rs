use authz_core::requires;

#[requires(mfa, policy = String)]
fn refund() {}

fn main() {}
