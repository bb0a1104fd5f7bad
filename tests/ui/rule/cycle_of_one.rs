use authz_tests::policy;

authz_core::rule!(Refund = all(not(rule = Refund), mfa));

fn main() {}
