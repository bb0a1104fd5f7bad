authz_core::rule!(Refund = all(role = "clerk", mfa));

fn main() {}
