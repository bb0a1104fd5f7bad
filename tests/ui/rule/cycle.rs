use authz_tests::policy;

authz_core::rule!(Refund = all(rule = WriteOff, mfa));
authz_core::rule!(WriteOff = any(rule = Refund, role = "clerk"));

fn main() {}
