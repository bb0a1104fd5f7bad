use authz_core::requires;

#[requires(mfa, policy = std::fmt)]
fn refund() {}

fn main() {}
