use authz_tests::policy;

authz_core::rule!();
authz_core::rule!(pub);
authz_core::rule!(pub Nothing);
authz_core::rule!(pub Nothing =);
authz_core::rule!(Colon: mfa);
authz_core::rule!(self = mfa);
authz_core::rule!(pub Several = role = "clerk", mfa);
authz_core::rule!(Unknown = rol = "clerk");
authz_core::rule!(Option = mfa, polcy = policy);
authz_core::rule!(Twice = mfa, policy = policy, policy = policy);
authz_core::rule!(Empty = any());
authz_core::rule!("Text" = mfa);

fn main() {}
